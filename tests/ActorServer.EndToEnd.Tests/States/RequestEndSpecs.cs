using ActorServer.EndToEnd.Tests.AccessLog;
using ActorServer.Kestrel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using static ActorServer.Core.ConnectionState;

namespace ActorServer.EndToEnd.Tests;

/// <summary>The end of a request is heard whichever way the framework tells it: by the end of its context, or by a callback.</summary>
public sealed class RequestEndSpecs
{
    [Fact]
    public void The_framework_s_own_context_tells()
    {
        using var services = new ServiceCollection().AddOptions().AddHttpContextAccessor().BuildServiceProvider();
        var context = Type.GetType(
            "Microsoft.AspNetCore.Hosting.HostingApplication+Context, Microsoft.AspNetCore.Hosting", throwOnError: true)!;

        Assert.True(HostingContext.Tells(context, new DefaultHttpContextFactory(services)));
        Assert.False(HostingContext.Tells(typeof(object), new DefaultHttpContextFactory(services)));
        Assert.False(HostingContext.Tells(context, new OwnContexts()));
        Assert.False(HostingContext.Tells(context, null));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(null, true)]
    [InlineData(typeof(IHttpContextFactory), false)]
    [InlineData(typeof(IHttpContextFactory), true)]
    [InlineData(typeof(IServer), false)]
    [InlineData(typeof(IServer), true)]
    public async Task Every_request_ends_once(Type? replaced, bool http2)
    {
        await using var site = await AccessSite.StartAsync(
            app =>
            {
                app.MapGet("/served", () => "served");
                app.MapGet("/failed", string () => throw new InvalidOperationException("Always."));
            },
            builder =>
            {
                if (replaced == typeof(IHttpContextFactory))
                {
                    builder.Services.AddSingleton<IHttpContextFactory, OwnContexts>();
                }
                else if (replaced == typeof(IServer))
                {
                    var inner = builder.Services.Last(s => s.ServiceType == typeof(IServer)).ImplementationFactory!;
                    builder.Services.AddSingleton<IServer>(services => new OwnServer((IServer)inner(services)));
                }
            });
        using var client = site.Client(http2);

        foreach (var path in (string[])["/served", "/failed", "/served"])
        {
            var status = path == "/served" ? 200 : 500;
            using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
            // Its end, too: over HTTP/2 it may come after the next one's beginning.
            Assert.Equal((status, status), ((int)answer.StatusCode, (await site.Lines.NextAsync()).Status));
        }

        client.Dispose();
        var end = await site.Server.EndOfTheOnlyConnectionAsync(New, Active, Idle, Active, Idle, Active, Idle, Closed);
        Assert.Equal((3L, 0), (end.Requests, end.InFlight));
        await site.EndAsync();
    }

    /// <summary>An application's own contexts, with features of its own around the server's.</summary>
    private sealed class OwnContexts : IHttpContextFactory
    {
        public HttpContext Create(IFeatureCollection featureCollection) => new DefaultHttpContext(new FeatureCollection(featureCollection));

        public void Dispose(HttpContext httpContext)
        {
        }
    }

    /// <summary>An application's own server around ActorServer's, which puts features of its own around each request's.</summary>
    private sealed class OwnServer(IServer inner) : IServer
    {
        public IFeatureCollection Features => inner.Features;

        public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
            where TContext : notnull
            => inner.StartAsync(new OwnApplication<TContext>(application), cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => inner.StopAsync(cancellationToken);

        public void Dispose() => inner.Dispose();
    }

    private sealed class OwnApplication<TContext>(IHttpApplication<TContext> inner) : IHttpApplication<TContext>
        where TContext : notnull
    {
        public TContext CreateContext(IFeatureCollection contextFeatures) => inner.CreateContext(new FeatureCollection(contextFeatures));

        public Task ProcessRequestAsync(TContext context) => inner.ProcessRequestAsync(context);

        public void DisposeContext(TContext context, Exception? exception) => inner.DisposeContext(context, exception);
    }
}
