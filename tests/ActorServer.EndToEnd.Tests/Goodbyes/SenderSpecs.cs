using System.Net.WebSockets;
using ActorServer.Core;
using ActorServer.Kestrel;
using ActorServer.TestKit;

namespace ActorServer.EndToEnd.Tests.Goodbyes;

/// <summary>Applications that only send over their WebSockets, and what becomes of the goodbye.</summary>
[Trait("Conformance", "45")]
public sealed class SenderSpecs
{
    private const int Sockets = 20;

    // The application never reads, so the answer is found only when it has had its time.
    [Fact]
    public async Task An_answer_that_the_application_does_not_read_is_found_all_the_same()
    {
        await using var server = await SocketApplication.StartAsync(static async (socket, _) =>
        {
            using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(1));
            do
            {
                await socket.SendAsync("tick"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
            }
            while (await timer.WaitForNextTickAsync());
        });
        var sockets = await Task.WhenAll(Enumerable.Range(0, Sockets).Select(_ => RawWebSocket.ConnectAsync(server)));
        await server.Transitions.ReachAsync(ConnectionState.Upgraded, Sockets);

        var drained = server.Server.DrainAsync(SocketApplication.Waiting);
        await Task.WhenAll(sockets.Select(async socket =>
        {
            await using (socket)
            {
                RawFrame frame;
                while ((frame = (await socket.ReadAsync())!).Opcode != RawFrame.Close)
                {
                }

                Assert.Equal(1001, frame.CloseCode);
                await socket.AnswerAsync(frame);
                Assert.Empty(await socket.ReadToEndAsync());
            }
        }));

        var report = await drained.WaitAsync(SocketApplication.WaitMax);
        Assert.Equal((Sockets, Sockets, 0, 0), (report.Initial, report.Completed, report.Closed, report.Aborted));
    }

    [Fact]
    public async Task After_a_write_that_failed_nothing_is_said()
    {
        using FailingStream wire = new();
        await using GoodbyeStream stream = new(wire, TimeProvider.System, static () => { });
        await stream.WriteAsync(new byte[] { 0x81, 1, (byte)'a' });
        wire.Fails = true;

        // Nobody knows how much of it is on its way: it is in the middle of a frame, for all one can tell.
        await Assert.ThrowsAsync<IOException>(async () => await stream.WriteAsync(new byte[] { 0x81, 2, (byte)'b', (byte)'c' }));
        wire.Fails = false;
        await stream.SayAsync();
        await stream.WriteAsync(new byte[] { 0x81, 0 });
        await stream.SayAsync();

        Assert.Equal([0x81, 1, (byte)'a', 0x81, 0x81, 0], wire.ToArray());
    }

    /// <summary>Writes a part, and fails.</summary>
    private sealed class FailingStream : MemoryStream
    {
        public bool Fails { get; set; }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await base.WriteAsync(Fails ? buffer[..1] : buffer, cancellationToken);
            if (Fails)
            {
                throw new IOException("It always fails.");
            }
        }
    }
}
