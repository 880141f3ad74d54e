using System.Net.Security;
using System.Security.Authentication;
using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using static ActorServer.Core.ConnectionState;

namespace ActorServer.EndToEnd.Tests;

/// <summary>Over TLS a good end says goodbye (close_notify), and a cut does not: the peer can tell one from the other.</summary>
public sealed class CloseNotifySpecs
{
    public static TheoryData<SslProtocols> Versions => [SslProtocols.Tls12, SslProtocols.Tls13];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task After_a_response_that_announces_the_close(SslProtocols version)
    {
        await using var server = await StartAsync();
        await using var client = await TlsClient.ConnectAsync(server.Address, version);
        await client.Http.GetAsync("/hello");
        Assert.False(client.HasHeardGoodbye);

        await client.Http.GetAsync("/hello", "Connection: close\r\n");

        Assert.Equal("", await client.Http.ReadToEndAsync());
        Assert.True(client.HasHeardGoodbye);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task When_an_idle_connection_is_drained(SslProtocols version)
    {
        await using var server = await StartAsync();
        await using var client = await TlsClient.ConnectAsync(server.Address, version);
        await client.Http.GetAsync("/hello");
        await server.Transitions.ReachAsync(Idle);

        var report = await server.Server.DrainAsync();

        Assert.Equal("", await client.Http.ReadToEndAsync());
        Assert.True(client.HasHeardGoodbye);
        Assert.Equal((1, 1), (report.Initial, report.Closed));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task When_a_silent_connection_is_drained(SslProtocols version)
    {
        await using var server = await StartAsync();
        await using var client = await TlsClient.ConnectAsync(server.Address, version);
        await server.Transitions.ReachAsync(New);

        await server.Server.DrainAsync();

        // A client has its keys before the server has seen the last of the handshake: then it is cut, for it has sent nothing.
        if (await client.Http.ReadEndAsync() == RawEnd.Closed)
        {
            Assert.True(client.HasHeardGoodbye);
        }

        await server.EndOfTheOnlyConnectionAsync(New, Closed);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task When_Kestrel_closes_a_connection_that_is_idle_for_too_long(SslProtocols version)
    {
        await using var server = await StartAsync(
            configure: TestApplication.Kestrel(k => k.Limits.KeepAliveTimeout = TimeSpan.FromMilliseconds(200)));
        await using var client = await TlsClient.ConnectAsync(server.Address, version);
        await client.Http.GetAsync("/hello");

        Assert.Equal("", await client.Http.ReadToEndAsync());

        Assert.True(client.HasHeardGoodbye);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task When_an_HTTP_2_connection_is_drained(SslProtocols version)
    {
        await using var server = await StartAsync();
        await using var client = await TlsClient.ConnectAsync(server.Address, version, SslApplicationProtocol.Http2);
        // The preface, and empty settings.
        await client.Http.SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0");
        // The server's answer to them.
        await client.Http.ReadUntilAsync("\0\0\0\u0004\u0001\0\0\0\0");

        await server.Server.DrainAsync();

        // Its last word in HTTP/2 is GOAWAY.
        Assert.Contains("\0\0\u0008\u0007", await client.Http.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.True(client.HasHeardGoodbye);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task When_an_upgraded_connection_ends(SslProtocols version)
    {
        await using var server = await StartAsync(map: app => app.MapGet("/upgrade", async (HttpContext context) =>
        {
            await using var stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
            await stream.WriteAsync("bye"u8.ToArray());
        }));
        await using var client = await TlsClient.ConnectAsync(server.Address, version);
        await client.Http.GetAsync("/upgrade", "Connection: Upgrade\r\nUpgrade: echo\r\n");

        Assert.Equal("bye", await client.Http.ReadToEndAsync());

        Assert.True(client.HasHeardGoodbye);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Not_before_an_upgraded_connection_that_is_told_to_close_has_had_its_say(SslProtocols version)
    {
        await using var server = await StartAsync(map: app => app.MapGet("/upgrade", async (HttpContext context) =>
        {
            await using var stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
            TaskCompletionSource told = new(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = context.Features.GetRequiredFeature<IConnectionLifetimeNotificationFeature>()
                .ConnectionClosedRequested.Register(told.SetResult);
            await told.Task;
            await stream.WriteAsync("bye"u8.ToArray());
        }));
        await using var client = await TlsClient.ConnectAsync(server.Address, version);
        await client.Http.GetAsync("/upgrade", "Connection: Upgrade\r\nUpgrade: echo\r\n");
        var id = Assert.Single(await server.Transitions.ReachAsync(Upgraded));

        await server.Server.Connection(id).CloseAsync();

        Assert.Equal("bye", await client.Http.ReadToEndAsync());
        Assert.True(client.HasHeardGoodbye);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Not_before_a_request_that_is_half_read_is_answered(SslProtocols version)
    {
        await using var server = await StartAsync();
        await using var client = await TlsClient.ConnectAsync(server.Address, version);
        await client.Http.GetAsync("/hello");
        await client.Http.SendAsync("GET /hello HTTP/1.1\r\nHost: localhost\r\nX-Half");

        var drained = await server.DrainPastPortsAsync();
        await client.Http.SendAsync(": yes\r\n\r\n");

        var response = await client.Http.ReadResponseAsync();
        Assert.Equal((200, "hello", true), (response.Status, response.Body, response.AnnouncesClose));
        Assert.Equal("", await client.Http.ReadToEndAsync());
        Assert.True(client.HasHeardGoodbye);
        Assert.False((await drained).HasAborted);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Never_after_a_response_that_was_cut_short(SslProtocols version)
    {
        await using var server = await StartAsync(map: app => app.MapGet("/late", async (HttpResponse response) =>
        {
            await response.WriteAsync("so far");
            await response.Body.FlushAsync();
            throw new InvalidOperationException("Always.");
        }));
        await using var client = await TlsClient.ConnectAsync(server.Address, version);

        // Neither length nor chunks: nothing but the goodbye says that all has come.
        await client.Http.SendAsync("GET /late HTTP/1.0\r\n\r\n");
        await client.Http.ReadUntilAsync("so far");
        await client.Http.ReadEndAsync();

        Assert.False(client.HasHeardGoodbye);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Never_when_the_deadline_cuts(SslProtocols version)
    {
        Held held = new();
        await using var server = await StartAsync(held);
        await using var client = await TlsClient.ConnectAsync(server.Address, version);
        await client.Http.SendGetAsync("/held");
        await held.EnteredAsync();

        await server.Server.DrainAsync(new(DrainTrigger.Code, Budget: Duration.Zero));

        Assert.Equal(RawEnd.Reset, await client.Http.ReadEndAsync());
        Assert.False(client.HasHeardGoodbye);
    }

    private static Task<StartedServer> StartAsync(
        Held? held = null, Action<WebApplication>? map = null, Action<WebApplicationBuilder>? configure = null)
        => TestApplication.StartAsync(held, map, TestApplication.Listen(tls: true) + configure);
}
