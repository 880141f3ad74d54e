using System.Net;
using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace ActorServer.Benchmarks;

/// <summary>The servers that are measured: the same application, bare or with ActorServer.</summary>
internal static class Servers
{
    /// <summary>A bare Kestrel on a free port.</summary>
    public static WebApplication Bare(InMemoryTransport? memory = null, HttpProtocols protocols = HttpProtocols.Http1)
        => Build(Builder(memory, protocols));

    /// <summary>The same with ActorServer, whose drains wait for nothing but requests.</summary>
    public static WebApplication Tracked(
        InMemoryTransport? memory = null, Action<WebApplicationBuilder>? prepare = null, Action<ActorServerOptions>? configure = null,
        HttpProtocols protocols = HttpProtocols.Http1)
    {
        var builder = Builder(memory, protocols);
        prepare?.Invoke(builder);
        builder.AddActorServer(options =>
        {
            var drain = options.Drain;
            (drain.LameDuck, drain.Spread, drain.IdleGrace, drain.SilentGrace) = (Duration.Zero, Duration.Zero, Duration.Zero, Duration.Zero);
            (drain.Budget, drain.HandleSignals) = (Duration.Infinite, false);
            options.AccessLog.Enabled = false;
            configure?.Invoke(options);
        });
        return Build(builder);
    }

    /// <summary>A second port, for HTTP/2.</summary>
    public static void ListenAlsoHttp2(this WebApplicationBuilder builder) => builder.WebHost.ConfigureKestrel(static kestrel =>
    {
        kestrel.Listen(IPAddress.Loopback, 0);
        kestrel.Listen(IPAddress.Loopback, 0, static endpoint => endpoint.Protocols = HttpProtocols.Http2);
    });

    /// <summary>Neither of two pays for the other's rubbish; and what waits is old, as idle connections are.</summary>
    /// <returns>How many bytes are retained.</returns>
    public static async Task<long> CollectAsync()
    {
        // Whoever was awaited last may still be on this thread's stack, with all that it has held.
        await Task.Yield();
        for (var generation = 0; generation <= GC.MaxGeneration + 1; generation++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: false);
    }

    private static WebApplicationBuilder Builder(InMemoryTransport? memory, HttpProtocols protocols)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        // Nobody is closed for being idle, however long it takes until all are there.
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromDays(1);
            kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = protocols);
        });
        builder.Logging.ClearProviders();
        memory?.AddTo(builder);
        return builder;
    }

    private static WebApplication Build(WebApplicationBuilder builder)
    {
        var app = builder.Build();
        app.MapGet("/hello", () => "hello");
        app.MapGet("/plaintext", () => "Hello, World!");
        return app;
    }
}
