using System.Net.WebSockets;
using ActorServer.Core;
using ActorServer.EndToEnd.Tests.Admin;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.HttpOverrides;

namespace ActorServer.EndToEnd.Tests.AccessLog;

/// <summary>WebSockets that do not end well, and peers that are proxies.</summary>
public sealed class SocketLineSpecs
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_vanishes(bool http2)
    {
        await using var site = await StartAsync();
        using var client = site.Client(http2);
        using (var socket = await ConnectAsync(site, client, http2))
        {
            socket.Abort();
        }

        Assert.Equal(("/ws", http2 ? 200 : 101, 7, "ClientGone"), await site.Lines.NextAsync());
        await site.EndAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_operators_abort(bool http2)
    {
        await using var site = await StartAsync();
        using var client = site.Client(http2);
        using var socket = await ConnectAsync(site, client, http2);
        var id = (await site.Server.Transitions.ReachAsync(ConnectionState.Active))[0];

        await site.Server.Server.Connection(id).AbortAsync();

        Assert.Equal(("/ws", http2 ? 200 : 101, 7, "Aborted"), await site.Lines.NextAsync());
        await site.EndAsync();
    }

    [Fact]
    public async Task An_upgrade_to_another_protocol_is_counted_both_ways()
    {
        await using var site = await StartAsync();
        await using var client = await site.ConnectAsync();

        await client.SendGetAsync("/other", "Connection: Upgrade\r\nUpgrade: other\r\n");
        Assert.Equal(101, (await client.ReadResponseAsync()).Status);
        await client.SendAsync("ping");
        Assert.Equal("pingpong", await client.ReadExactAsync(8));
        await client.ReadEndAsync();

        var line = await site.Lines.ReadAsync();
        Assert.Equal(("/other", 101, 8, "Completed"), AccessLines.Shown(line));
        Assert.Equal(4, line.Number("requestBytes"));
        await site.EndAsync();
    }

    [Fact]
    public async Task The_peer_is_the_sockets_and_the_forwarded_address_stands_beside_it()
    {
        await using var site = await StartAsync();
        await using var client = await site.ConnectAsync();

        await client.GetAsync("/hello", "X-Forwarded-For: 203.0.113.9\r\n");
        await client.GetAsync("/hello");

        var line = await site.Lines.ReadAsync();
        Assert.Equal(("127.0.0.1", "203.0.113.9"), (line.Text("remote"), line.Text("forwarded")));
        line = await site.Lines.ReadAsync();
        Assert.Equal(("127.0.0.1", null), (line.Text("remote"), line.Text("forwarded")));
        await site.EndAsync();
    }

    private static Task<AccessSite> StartAsync() => AccessSite.StartAsync(app =>
    {
        app.UseForwardedHeaders(new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor });
        app.UseWebSockets();
        app.MapGet("/hello", () => "hello");
        app.Map("/ws", async (HttpContext context) =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
            await socket.ReceiveAsync(new byte[100], CancellationToken.None);
        });
        app.MapGet("/other", async (HttpContext context) =>
        {
            var upgrade = context.Features.GetRequiredFeature<IHttpUpgradeFeature>();
            await using var stream = await upgrade.UpgradeAsync();
            var ping = new byte[4];
            await stream.ReadExactlyAsync(ping);
            await stream.WriteAsync(ping);
            await stream.WriteAsync("pong"u8.ToArray());
        });
    });

    private static async Task<ClientWebSocket> ConnectAsync(AccessSite site, HttpClient client, bool http2)
    {
        ClientWebSocket socket = new();
        socket.Options.HttpVersion = client.DefaultRequestVersion;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        var address = new UriBuilder(http2 ? site.Http2 : site.Http1) { Scheme = "ws", Path = "/ws" }.Uri;
        await socket.ConnectAsync(address, client, CancellationToken.None).WaitAsync(WaitMax);
        await socket.ReceiveAsync(new byte[100], CancellationToken.None).WaitAsync(WaitMax);
        return socket;
    }
}
