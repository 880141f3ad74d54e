using System.Buffers.Binary;
using System.Net.WebSockets;
using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ActorServer.EndToEnd.Tests.Goodbyes;

/// <summary>The goodbye comes between the application's own frames, however busily that sends.</summary>
[Trait("Conformance", "45")]
public sealed class FrameBoundarySpecs
{
    private const int Rounds = 30;

    // Around every boundary of a frame's length, and of a segment of memory.
    private static readonly int[] Sizes = [4, 5, 121, 125, 126, 127, 1000, 4092, 4096, 10_000, 65_535, 65_536, 100_000];

    [Theory]
    [InlineData(false, false, false)]
    [InlineData(false, true, false)]
    [InlineData(false, false, true)]
    [InlineData(false, true, true)]
    [InlineData(true, false, false)]
    [InlineData(true, true, false)]
    [InlineData(true, false, true)]
    [InlineData(true, true, true)]
    public async Task Every_message_is_whole_and_the_last_frame_is_Close(bool http2, bool fragmented, bool deflated)
    {
        await using var server = await SocketApplication.StartAsync(
            (socket, context) => ServeAsync(socket, context, fragmented),
            new() { DangerousEnableCompression = deflated },
            http2 ? HttpProtocols.Http2 : HttpProtocols.Http1);
        using var client = http2 ? TestApplication.Http2(server.Address) : null;
        for (var round = 0; round < Rounds; round++)
        {
            using var socket = await server.ConnectAsync(
                client, options => options.DangerousDeflateOptions = deflated ? new WebSocketDeflateOptions() : null);
            var drain = Task.CompletedTask;
            var read = 0;
            await foreach (var message in MessagesAsync(socket))
            {
                AssertIs(read, message);
                if (++read == round)
                {
                    drain = Task.Run(() => server.Server.BeginDrainAsync(SocketApplication.Announcing));
                }
                else if (round == 0 && read == 1)
                {
                    drain = server.Server.BeginDrainAsync(SocketApplication.Announcing);
                }
            }

            await drain;
            Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, socket.CloseStatus);
            await Record.ExceptionAsync(() => socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None));
            await server.Server.ResumeAsync();
        }
    }

    [Fact]
    public async Task Pings_and_pongs_are_frames_like_all_others()
    {
        await using var server = await SocketApplication.StartAsync(
            SocketApplication.EchoAsync, new() { KeepAliveInterval = TimeSpan.FromMilliseconds(1) });
        for (var round = 1; round <= Rounds; round++)
        {
            await using var socket = await RawWebSocket.ConnectAsync(server);
            var (pongs, drain) = (0, Task.CompletedTask);
            await socket.SendAsync(RawFrame.Ping, 1, 2, 3);
            RawFrame? frame;
            while ((frame = await socket.ReadAsync())!.Opcode != RawFrame.Close)
            {
                // The handler sends an echo, the middleware answers a ping, and sends pongs of its own meanwhile.
                await socket.SendAsync("hello");
                await socket.SendAsync(RawFrame.Ping, 1, 2, 3);
                if (frame.Opcode == RawFrame.Pong && ++pongs == round)
                {
                    drain = Task.Run(() => server.Server.BeginDrainAsync(SocketApplication.Announcing));
                }
            }

            await drain;
            Assert.Equal((true, 1001), (frame.IsFinal, frame.CloseCode));
            await socket.AnswerAsync(frame);
            Assert.Empty(await socket.ReadToEndAsync());
            await server.Server.ResumeAsync();
        }
    }

    [Fact]
    public async Task An_application_in_the_middle_of_a_frame_ends_it_first()
    {
        TaskCompletionSource rest = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await TestApplication.StartAsync(map: app => app.Map("/ws", async (HttpContext context) =>
        {
            // A handler without ASP.NET's middleware, which would send a frame in one piece.
            var upgrade = context.Features.Get<IHttpUpgradeFeature>()!;
            context.Response.Headers["Sec-WebSocket-Accept"] = "x";
            await using var stream = await upgrade.UpgradeAsync();
            await stream.WriteAsync(new byte[] { 0x81, 4, (byte)'h' });
            await rest.Task;
            await stream.WriteAsync("al"u8.ToArray());
            await stream.WriteAsync("f"u8.ToArray());
            await stream.WriteAsync(new byte[] { 0x81, 0 });
            while (await stream.ReadAsync(new byte[100]) > 0)
            {
            }
        }));
        await using var socket = await RawWebSocket.ConnectAsync(server);
        Assert.Equal("\u0081\u0004h", await socket.Client.ReadExactAsync(3));

        await server.Server.BeginDrainAsync(SocketApplication.Announcing);
        await server.HeardAsync();
        rest.SetResult();

        Assert.Equal("alf", await socket.Client.ReadExactAsync(3));
        var next = await socket.ReadAsync();
        if (next!.Opcode == RawFrame.Text)
        {
            // The application was faster, and its next frame is whole too.
            Assert.Empty(next.Payload);
            next = await socket.ReadAsync();
        }

        Assert.Equal(1001, next!.CloseCode);
        socket.Client.ShutdownSend();
        Assert.Empty(await socket.ReadToEndAsync());
    }

    private static async Task ServeAsync(WebSocket socket, HttpContext context, bool fragmented)
    {
        var sending = Task.Run(() => SendAsync(socket, fragmented));
        try
        {
            await socket.ReadToCloseAsync();
        }
        catch (WebSocketException)
        {
            // The client has gone without an answer.
        }

        socket.Abort();
        await sending;
    }

    // Goes on until it is stopped: it knows nothing of a drain.
    private static async Task SendAsync(WebSocket socket, bool fragmented)
    {
        try
        {
            for (var number = 0; ; number++)
            {
                var message = Message(number);
                var third = fragmented ? message.Length / 3 : 0;
                if (fragmented)
                {
                    await SendAsync(message.AsMemory(0, third), isLast: false);
                    await SendAsync(message.AsMemory(third, third), isLast: false);
                }

                await SendAsync(message.AsMemory(2 * third), isLast: true);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // Its other half has ended the WebSocket.
        }

        ValueTask SendAsync(ReadOnlyMemory<byte> part, bool isLast)
            => socket.SendAsync(part, WebSocketMessageType.Binary, isLast, CancellationToken.None);
    }

    private static byte[] Message(int number)
    {
        var message = new byte[Sizes[number % Sizes.Length]];
        BinaryPrimitives.WriteInt32BigEndian(message, number);
        for (var i = 4; i < message.Length; i++)
        {
            message[i] = (byte)((number * 31) + (i * 7));
        }

        return message;
    }

    private static void AssertIs(int number, byte[] message)
        => Assert.True(Message(number).AsSpan().SequenceEqual(message), $"Message {number} is not what was sent.");

    private static async IAsyncEnumerable<byte[]> MessagesAsync(ClientWebSocket socket)
    {
        using MemoryStream message = new();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None).AsTask()
                .WaitAsync(SocketApplication.WaitMax);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                yield break;
            }

            message.Write(buffer, 0, received.Count);
            if (received.EndOfMessage)
            {
                yield return message.ToArray();
                message.SetLength(0);
            }
        }
    }
}
