using System.Net.WebSockets;
using System.Text;
using ActorServer.Actors;
using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Http;

namespace ActorServer.EndToEnd.Tests.Goodbyes;

/// <summary>What the server says to a WebSocket's peer for an application that does nothing, frame by frame.</summary>
[Trait("Conformance", "45")]
public sealed class GoodbyeSpecs
{
    [Fact]
    public async Task A_peer_that_answers_counts_as_completed()
    {
        await using var server = await SocketApplication.StartAsync(SocketApplication.EchoAsync);
        await using var socket = await RawWebSocket.ConnectAsync(server);
        await socket.SendAsync("hello");
        Assert.Equal("hello"u8.ToArray(), (await socket.ReadAsync())!.Payload);

        var drained = server.Server.DrainAsync(SocketApplication.Waiting);
        var close = await socket.ReadAsync();
        Assert.Equal((RawFrame.Close, true, 1001), (close!.Opcode, close.IsFinal, close.CloseCode));
        await socket.AnswerAsync(close);

        // The handler says Close too when it sees the answer: one is enough.
        Assert.Empty(await socket.ReadToEndAsync());
        var report = await drained.WaitAsync(SocketApplication.WaitMax);
        Assert.Equal((1, 1, 0, 0), (report.Initial, report.Completed, report.Closed, report.Aborted));
        Assert.Equal(EndReason.UpgradeEnded, (await EndAsync(server)).EndReason);
    }

    [Fact]
    [Trait("Conformance", "46")]
    public async Task A_peer_that_does_not_answer_is_closed_after_a_while()
    {
        await using var server = await SocketApplication.StartAsync(SocketApplication.EchoAsync);
        await using var socket = await RawWebSocket.ConnectAsync(server);

        // Infinite: it is the goodbye's own bound that ends it.
        var drained = server.Server.DrainAsync(SocketApplication.Waiting);
        var frames = await socket.ReadToEndAsync();

        Assert.Equal(1001, Assert.Single(frames).CloseCode);
        var report = await drained.WaitAsync(SocketApplication.WaitMax);
        Assert.Equal((1, 0, 1, 0), (report.Initial, report.Completed, report.Closed, report.Aborted));
        Assert.Equal(EndReason.Closed, (await EndAsync(server)).EndReason);
    }

    [Fact]
    public async Task A_peer_that_goes_without_an_answer_holds_nothing_up()
    {
        await using var server = await SocketApplication.StartAsync(SocketApplication.EchoAsync);
        await using var socket = await RawWebSocket.ConnectAsync(server);

        var drained = server.Server.DrainAsync(SocketApplication.Waiting);
        Assert.Equal(1001, (await socket.ReadAsync())!.CloseCode);
        socket.Client.Reset();

        Assert.Equal((1, 0), ((await drained.WaitAsync(SocketApplication.WaitMax)).Initial, (await drained).Aborted));
    }

    [Fact]
    public async Task What_the_application_still_sends_is_dropped_without_an_error()
    {
        TaskCompletionSource told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource<Exception?> sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await SocketApplication.StartAsync(async (socket, _) =>
        {
            await told.Task;
            sent.SetResult(await Record.ExceptionAsync(async () =>
            {
                for (var i = 0; i < 100; i++)
                {
                    await socket.SendAsync(new byte[i * 100], WebSocketMessageType.Binary, i % 2 == 0, CancellationToken.None);
                }
            }));
            await SocketApplication.EchoAsync(socket, new DefaultHttpContext());
        });
        await using var socket = await RawWebSocket.ConnectAsync(server);

        await server.Server.BeginDrainAsync(SocketApplication.Waiting);
        var close = await socket.ReadAsync();
        told.SetResult();
        Assert.Null(await sent.Task.WaitAsync(SocketApplication.WaitMax));
        await socket.AnswerAsync(close!);

        Assert.Empty(await socket.ReadToEndAsync());
        Assert.Equal(1, (await server.Server.WhenDrained.WaitAsync(SocketApplication.WaitMax)).Completed);
    }

    [Fact]
    public async Task An_application_that_closes_by_itself_at_the_same_moment_and_the_server_say_one_Close()
    {
        var rounds = 0;
        SemaphoreSlim close = new(0);
        await using var server = await SocketApplication.StartAsync(async (socket, context) =>
        {
            await close.WaitAsync(context.RequestAborted);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "mine", context.RequestAborted);
        });
        int byApplication = 0, byServer = 0;
        for (; rounds < 60; rounds++)
        {
            await using var socket = await RawWebSocket.ConnectAsync(server);
            using Barrier barrier = new(2);

            var mine = Task.Run(() =>
            {
                barrier.SignalAndWait();
                close.Release();
            });
            await Task.Run(() =>
            {
                barrier.SignalAndWait();
                return server.Server.BeginDrainAsync(SocketApplication.Announcing);
            });
            await mine;
            var frame = await socket.ReadAsync();
            await socket.AnswerAsync(frame!);

            Assert.Empty(await socket.ReadToEndAsync());
            Assert.Equal(RawFrame.Close, frame!.Opcode);
            _ = frame.CloseCode == 1001 ? byServer++ : byApplication++;
            await server.Server.ResumeAsync();
        }

        Assert.Equal(rounds, byApplication + byServer);
    }

    [Fact]
    public async Task An_application_that_has_begun_its_own_close_is_not_interrupted()
    {
        await using var server = await SocketApplication.StartAsync(static async (socket, context)
            => await socket.CloseAsync(WebSocketCloseStatus.PolicyViolation, "mine", context.RequestAborted));
        await using var socket = await RawWebSocket.ConnectAsync(server);
        var close = await socket.ReadAsync();
        Assert.Equal(1008, close!.CloseCode);

        var drained = server.Server.DrainAsync(SocketApplication.Waiting);
        await server.HeardAsync();
        await socket.AnswerAsync(close);

        Assert.Empty(await socket.ReadToEndAsync());
        Assert.Equal(1, (await drained.WaitAsync(SocketApplication.WaitMax)).Completed);
    }

    [Fact]
    public async Task An_application_that_asks_for_the_drain_token_says_its_own_goodbye()
    {
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await SocketApplication.StartAsync(async (socket, context) =>
        {
            TaskCompletionSource told = new(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = context.DrainToken().Register(told.SetResult);
            asked.SetResult();
            await told.Task;
            await socket.SendAsync("so long"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
            await socket.CloseAsync((WebSocketCloseStatus)4000, "moved", CancellationToken.None);
        });
        await using var socket = await RawWebSocket.ConnectAsync(server);
        await asked.Task.WaitAsync(SocketApplication.WaitMax);

        var drained = server.Server.DrainAsync(SocketApplication.Waiting);
        var text = await socket.ReadAsync();
        var close = await socket.ReadAsync();
        await socket.AnswerAsync(close!);

        Assert.Equal("so long", Encoding.ASCII.GetString(text!.Payload));
        Assert.Equal((4000, "moved"), (close!.CloseCode, Encoding.ASCII.GetString(close.Payload.AsSpan(2))));
        Assert.Empty(await socket.ReadToEndAsync());
        Assert.Equal(1, (await drained.WaitAsync(SocketApplication.WaitMax)).Completed);
    }

    private static async Task<ConnectionSnapshot> EndAsync(StartedServer server)
    {
        var id = Assert.Single(await server.Transitions.ReachAsync(ConnectionState.Upgraded));
        await server.Transitions.ReachAsync(id, ConnectionState.Closed);
        return await server.ConnectionAsync(id);
    }
}
