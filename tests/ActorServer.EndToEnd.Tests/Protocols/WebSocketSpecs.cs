using System.Net;
using System.Net.WebSockets;
using System.Text;
using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using static ActorServer.Core.ConnectionState;

namespace ActorServer.EndToEnd.Tests;

/// <summary>WebSockets: over HTTP/1.1 the connection is upgraded, over HTTP/2 a stream of it is.</summary>
public sealed class WebSocketSpecs
{
    private static readonly HttpMessageInvoker Client = TestApplication.Http2(new Uri("http://localhost"));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Over_HTTP_1_1_the_connection_is_Upgraded_to_its_end(bool tls)
    {
        await using var server = await StartAsync(HttpProtocols.Http1, tls);
        using var socket = await ConnectAsync(server, HttpVersion.Version11);

        await EchoAsync(socket);
        var id = Assert.Single(await server.Transitions.ReachAsync(Upgraded));
        var during = await server.ConnectionAsync(id);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", CancellationToken.None);

        Assert.Equal((Upgraded, 1, "/ws"), (during.State, during.InFlight, during.CurrentRequests[0].Path));
        var end = await server.EndOfTheOnlyConnectionAsync(New, Active, Upgraded, Closed);
        Assert.Equal((EndReason.UpgradeEnded, tls), (end.EndReason, end.Tls));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Over_HTTP_2_the_connection_is_Active_while_the_stream_lasts(bool tls)
    {
        await using var server = await StartAsync(HttpProtocols.Http2, tls);
        using var socket = await ConnectAsync(server, HttpVersion.Version20);

        await EchoAsync(socket);
        var id = Assert.Single(await server.Transitions.ReachAsync(Active));
        var during = await server.ConnectionAsync(id);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", CancellationToken.None);
        await server.Transitions.ReachAsync(id, Idle);

        var request = Assert.Single(during.CurrentRequests);
        Assert.Equal((Active, "CONNECT", "/ws"), (during.State, request.Method, request.Path));
        Assert.Equal("HTTP/2", during.Protocol);
        Assert.Equal([New, Active, Idle], server.Transitions.States(id));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Conformance", "44")]
    public async Task Eight_that_came_and_went_leave_none_behind(bool tls)
    {
        await using var server = await StartAsync(HttpProtocols.Http1, tls);
        var sockets = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ConnectAsync(server, HttpVersion.Version11)));
        await server.Transitions.ReachAsync(Upgraded, 8);

        foreach (var socket in sockets)
        {
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", CancellationToken.None);
            socket.Dispose();
        }

        await server.Transitions.ReachAsync(Closed, 8);
        Assert.Equal(default, (await server.Server.StatusAsync()).Connections);
    }

    [Theory]
    [InlineData(HttpProtocols.Http1, false)]
    [InlineData(HttpProtocols.Http1, true)]
    [InlineData(HttpProtocols.Http2, false)]
    [InlineData(HttpProtocols.Http2, true)]
    [Trait("Conformance", "47")]
    public async Task A_drain_leaves_one_alone_whose_application_asks_for_the_drain_token(HttpProtocols protocol, bool tls)
    {
        await using var server = await StartAsync(protocol, tls);
        using var socket = await ConnectAsync(server, VersionOf(protocol), "/ws-token");
        await EchoAsync(socket);

        var drained = await server.DrainPastPortsAsync(new(DrainTrigger.Code, Budget: Duration.Infinite));
        await EchoAsync(socket);
        Assert.False(drained.IsCompleted);
        socket.Dispose();

        var report = await drained;
        Assert.Equal((2, 0, 0), (report.Initial, report.Remaining, report.Aborted));
    }

    [Theory]
    [InlineData(HttpProtocols.Http1, false)]
    [InlineData(HttpProtocols.Http1, true)]
    [InlineData(HttpProtocols.Http2, false)]
    [InlineData(HttpProtocols.Http2, true)]
    [Trait("Conformance", "45")]
    public async Task A_drain_says_goodbye_for_an_application_that_does_nothing(HttpProtocols protocol, bool tls)
    {
        await using var server = await StartAsync(protocol, tls);
        using var socket = await ConnectAsync(server, VersionOf(protocol));
        await EchoAsync(socket);

        var drained = server.Server.DrainAsync(new(DrainTrigger.Code, Budget: Duration.Infinite));
        var received = await socket.ReceiveAsync(new byte[10], CancellationToken.None);
        // Over HTTP/2 the connection may close before the client has noticed that its answer is out.
        await Record.ExceptionAsync(
            () => socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "bye", CancellationToken.None));

        Assert.Equal(WebSocketMessageType.Close, received.MessageType);
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, socket.CloseStatus);
        var report = await drained;
        Assert.Equal((1, 0, 0), (report.Initial, report.Remaining, report.Aborted));
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    [Trait("Conformance", "46")]
    public async Task One_that_is_still_open_at_the_deadline_is_cut(HttpProtocols protocol)
    {
        await using var server = await StartAsync(protocol, tls: false);
        using var socket = await ConnectAsync(server, VersionOf(protocol), "/ws-token");
        await EchoAsync(socket);

        var report = await server.Server.DrainAsync(new(DrainTrigger.Code, Budget: TimeSpan.FromMilliseconds(600)));

        await Assert.ThrowsAsync<WebSocketException>(() => socket.ReceiveAsync(new byte[10], CancellationToken.None));
        Assert.Equal((1, 1, 0), (report.Initial, report.Aborted, report.Stragglers));
    }

    private static Version VersionOf(HttpProtocols protocol)
        => protocol == HttpProtocols.Http1 ? HttpVersion.Version11 : HttpVersion.Version20;

    private static Task<StartedServer> StartAsync(HttpProtocols protocol, bool tls)
        => TestApplication.StartAsync(
            map: app =>
            {
                app.UseWebSockets();
                app.Map("/ws", (RequestDelegate)EchoAsync);
                app.Map("/ws-token", (HttpContext context) =>
                {
                    _ = context.DrainToken();
                    return EchoAsync(context);
                });
            },
            configure: TestApplication.Listen(endpoint =>
            {
                endpoint.Protocols = protocol;
                if (tls)
                {
                    endpoint.UseHttps(Certificates.Localhost);
                }
            }));

    private static async Task<ClientWebSocket> ConnectAsync(StartedServer server, Version version, string path = "/ws")
    {
        ClientWebSocket socket = new();
        socket.Options.HttpVersion = version;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        UriBuilder address = new(server.Address) { Path = path };
        address.Scheme = address.Scheme == Uri.UriSchemeHttps ? Uri.UriSchemeWss : Uri.UriSchemeWs;
        await socket.ConnectAsync(address.Uri, Client, CancellationToken.None);
        return socket;
    }

    private static async Task EchoAsync(ClientWebSocket socket)
    {
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        var buffer = new byte[10];
        var received = await socket.ReceiveAsync(buffer, CancellationToken.None);
        Assert.Equal("hello", Encoding.UTF8.GetString(buffer, 0, received.Count));
    }

    private static async Task EchoAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[10];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer, context.RequestAborted);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "done", CancellationToken.None);
                return;
            }

            await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, CancellationToken.None);
        }
    }
}
