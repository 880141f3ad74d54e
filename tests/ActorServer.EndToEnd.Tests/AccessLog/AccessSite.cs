using System.Net;
using ActorServer.Core;
using ActorServer.Kestrel;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ActorServer.EndToEnd.Tests.AccessLog;

/// <summary>A server with an access log whose lines a test reads.</summary>
internal sealed class AccessSite : IAsyncDisposable
{
    private AccessSite(StartedServer server, AccessLines lines) => (Server, Lines) = (server, lines);

    public StartedServer Server { get; }

    public AccessLines Lines { get; }

    /// <summary>Where HTTP/1.1 is spoken.</summary>
    public Uri Http1 => Server.Addresses[0];

    /// <summary>Where HTTP/2 is spoken, without TLS.</summary>
    public Uri Http2 => Server.Addresses[1];

    public static async Task<AccessSite> StartAsync(
        Action<WebApplication> map, Action<WebApplicationBuilder>? configure = null, bool readsFields = true)
    {
        AccessLines lines = new();
        var server = await StartedServer.StartAsync(map, builder =>
        {
            Assert.True(ProtocolFields.AreKnown);
            builder.Services.AddSingleton(new AccessCounting(readsFields));
            builder.Services.AddSingleton<IAccessSink>(lines);
            Enable(builder);
            builder.WebHost.ConfigureKestrel(kestrel =>
            {
                kestrel.Listen(IPAddress.Loopback, 0);
                kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.Protocols = HttpProtocols.Http2);
            });
            configure?.Invoke(builder);
        });
        return new(server, lines);
    }

    /// <summary>Turns the log on, with more settings.</summary>
    public static void Enable(WebApplicationBuilder builder, params (string Key, string Value)[] settings)
        => builder.Configuration.AddInMemoryCollection(settings.Append(("Enabled", "true")).DistinctBy(s => s.Item1)
            .Select(s => KeyValuePair.Create($"{ActorServerOptions.Section}:AccessLog:{s.Item1}", (string?)s.Item2)));

    public Task<RawClient> ConnectAsync() => RawClient.ConnectAsync(Http1);

    /// <summary>A client of one protocol.</summary>
    public HttpClient Client(bool http2)
    {
        var client = TestApplication.Http2(http2 ? Http2 : Http1);
        client.DefaultRequestVersion = http2 ? HttpVersion.Version20 : HttpVersion.Version11;
        return client;
    }

    /// <summary>Stops the host, and asserts that every line has been read.</summary>
    public async Task EndAsync()
    {
        await Server.StopAsync();
        Lines.AssertNoMore();
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
