using System.Net;
using System.Net.WebSockets;
using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ActorServer.EndToEnd.Tests.Goodbyes;

/// <summary>Applications with WebSockets, and the clients that open them.</summary>
internal static class SocketApplication
{
    /// <summary>A safety net, not a measure.</summary>
    public static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    /// <summary>A drain that stays in its lame duck until the test says otherwise.</summary>
    public static DrainRequest Announcing { get; } = new(DrainTrigger.Code, Duration.Infinite, TimeSpan.FromHours(1));

    /// <summary>A drain that waits for whoever does not go.</summary>
    public static DrainRequest Waiting { get; } = new(DrainTrigger.Code, Duration.Infinite, Duration.Zero);

    /// <summary>Starts a server whose <c>/ws</c> is served by a handler of the test.</summary>
    /// <param name="serve">What it does with a WebSocket.</param>
    /// <param name="accept">How it accepts one.</param>
    /// <param name="protocol">What it speaks.</param>
    /// <param name="map">More endpoints.</param>
    /// <param name="configure">Changes the builder.</param>
    public static Task<StartedServer> StartAsync(
        Func<WebSocket, HttpContext, Task> serve,
        WebSocketAcceptContext? accept = null,
        HttpProtocols protocol = HttpProtocols.Http1,
        Action<WebApplication>? map = null,
        Action<WebApplicationBuilder>? configure = null)
        => TestApplication.StartAsync(
            map: app =>
            {
                app.UseWebSockets();
                app.Map("/ws", async (HttpContext context) =>
                {
                    using var socket = await context.WebSockets.AcceptWebSocketAsync(accept ?? new());
                    await serve(socket, context);
                });
                map?.Invoke(app);
            },
            configure: builder =>
            {
                TestApplication.Listen(endpoint => endpoint.Protocols = protocol)(builder);
                configure?.Invoke(builder);
            });

    /// <summary>Opens a WebSocket.</summary>
    /// <param name="server">The server.</param>
    /// <param name="http2">Whose connections to use; null: HTTP/1.1, and a connection of its own.</param>
    /// <param name="configure">Changes the client's options.</param>
    public static async Task<ClientWebSocket> ConnectAsync(
        this StartedServer server, HttpMessageInvoker? http2 = null, Action<ClientWebSocketOptions>? configure = null)
    {
        ClientWebSocket socket = new();
        socket.Options.HttpVersion = http2 is null ? HttpVersion.Version11 : HttpVersion.Version20;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        configure?.Invoke(socket.Options);
        await socket.ConnectAsync(server.WebSocketAddress(), http2, CancellationToken.None).WaitAsync(WaitMax);
        return socket;
    }

    /// <summary>Where its WebSockets are.</summary>
    public static Uri WebSocketAddress(this StartedServer server)
        => new UriBuilder(server.Address) { Scheme = Uri.UriSchemeWs, Path = "/ws" }.Uri;

    /// <summary>A handler that sends back what it gets, knows nothing of drains, and closes when its client does.</summary>
    public static async Task EchoAsync(WebSocket socket, HttpContext context)
    {
        var buffer = new byte[4096];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer, context.RequestAborted);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "done", CancellationToken.None);
                return;
            }

            await socket.SendAsync(
                buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, CancellationToken.None);
        }
    }

    /// <summary>Reads messages until the other end says Close.</summary>
    /// <returns>The messages, whole.</returns>
    public static async Task<List<byte[]>> ReadToCloseAsync(this WebSocket socket)
    {
        List<byte[]> messages = [];
        using MemoryStream message = new();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None).AsTask().WaitAsync(WaitMax);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return messages;
            }

            message.Write(buffer, 0, received.Count);
            if (received.EndOfMessage)
            {
                messages.Add(message.ToArray());
                message.SetLength(0);
            }
        }
    }

    /// <summary>The other end lives, and sends back what it gets.</summary>
    public static async Task AssertEchoesAsync(this WebSocket socket)
    {
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        var buffer = new byte[100];
        var received = await socket.ReceiveAsync(buffer, CancellationToken.None).WaitAsync(WaitMax);
        Assert.Equal("hello"u8.ToArray(), buffer[..received.Count]);
    }

    /// <summary>The other end has said that it is going away.</summary>
    public static async Task AssertGoingAwayAsync(this WebSocket socket)
    {
        Assert.Empty(await socket.ReadToCloseAsync());
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, socket.CloseStatus);
        Assert.Equal("The server is going away.", socket.CloseStatusDescription);
    }
}
