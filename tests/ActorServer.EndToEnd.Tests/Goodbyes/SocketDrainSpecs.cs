using System.Net.WebSockets;
using ActorServer.Actors;
using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ActorServer.EndToEnd.Tests.Goodbyes;

/// <summary>WebSockets and the node's verbs, over HTTP/1.1 and HTTP/2.</summary>
[Trait("Conformance", "45")]
public sealed class SocketDrainSpecs
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_that_is_opened_in_the_lame_duck_is_told_at_once(bool http2)
    {
        await using var server = await StartAsync(http2);
        await server.Server.BeginDrainAsync(SocketApplication.Announcing);
        using var client = Client(server, http2);

        using var socket = await server.ConnectAsync(client);

        await socket.AssertGoingAwayAsync();
        await CloseAsync(socket);
        Assert.Equal(NodePhase.LameDuck, (await server.Server.StatusAsync()).Phase);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_a_resume_the_told_ones_go_and_new_ones_live_until_the_next_drain(bool http2)
    {
        await using var server = await StartAsync(http2);
        using var client = Client(server, http2);
        using var told = await server.ConnectAsync(client);
        await server.Server.BeginDrainAsync(SocketApplication.Announcing);
        await told.AssertGoingAwayAsync();

        await server.Server.ResumeAsync();
        await server.HeardAsync();
        await CloseAsync(told);
        using var second = Client(server, http2);
        using var living = await server.ConnectAsync(second);
        await living.AssertEchoesAsync();
        await living.AssertEchoesAsync();

        var drained = server.Server.DrainAsync(SocketApplication.Waiting);
        await living.AssertGoingAwayAsync();
        await CloseAsync(living);
        Assert.Equal(("2", 0), ((await drained.WaitAsync(SocketApplication.WaitMax)).Id, (await drained).Aborted));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_operators_close_says_goodbye_to_that_connection_alone(bool http2)
    {
        await using var server = await StartAsync(http2);
        using var client = Client(server, http2);
        using var other = Client(server, http2);
        using var first = await server.ConnectAsync(client);
        var state = http2 ? ConnectionState.Active : ConnectionState.Upgraded;
        var id = Assert.Single(await server.Transitions.ReachAsync(state));
        using var second = await server.ConnectAsync(other);
        await server.Transitions.ReachAsync(state, 2);

        Assert.Equal(CommandResult.Accepted, await server.Server.Connection(id).CloseAsync());
        await first.AssertGoingAwayAsync();
        await CloseAsync(first);

        await server.Transitions.ReachAsync(id, ConnectionState.Closed);
        await second.AssertEchoesAsync();
    }

    [Fact]
    public async Task Several_on_one_connection_of_HTTP_2_are_each_told()
    {
        await using var server = await StartAsync(http2: true);
        using var client = Client(server, http2: true);
        var sockets = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => server.ConnectAsync(client)));
        Assert.Single(await server.Transitions.ReachAsync(ConnectionState.New));

        var drained = server.Server.DrainAsync(SocketApplication.Waiting);
        await Task.WhenAll(sockets.Select(async socket =>
        {
            await socket.AssertGoingAwayAsync();
            await CloseAsync(socket);
            socket.Dispose();
        }));

        Assert.Equal((1, 0), ((await drained.WaitAsync(SocketApplication.WaitMax)).Initial, (await drained).Aborted));
    }

    [Fact]
    [Trait("Conformance", "46")]
    public async Task Over_HTTP_2_a_peer_that_does_not_answer_does_not_hold_the_drain()
    {
        await using var server = await StartAsync(http2: true);
        using var client = Client(server, http2: true);
        using var socket = await server.ConnectAsync(client);

        // The client sees the Close and says nothing.
        var drained = server.Server.DrainAsync(SocketApplication.Waiting);
        await socket.AssertGoingAwayAsync();

        Assert.Equal((1, 0), ((await drained.WaitAsync(SocketApplication.WaitMax)).Initial, (await drained).Aborted));
    }

    [Fact]
    [Trait("Conformance", "46")]
    [Trait("Conformance", "50")]
    public async Task An_upgraded_connection_that_never_speaks_is_reported_by_name_and_cut_at_the_deadline()
    {
        await using var server = await TestApplication.StartAsync(map: static app => OtherUpgrade.Map(app, "/silent"));
        await using var client = await RawClient.ConnectAsync(server.Address);
        Assert.Equal(101, (await client.GetAsync("/silent", OtherUpgrade.Headers)).Status);
        var id = Assert.Single(await server.Transitions.ReachAsync(ConnectionState.Upgraded));

        var drained = server.Server.DrainAsync(new(DrainTrigger.Code, TimeSpan.FromSeconds(2)));
        var blocker = Assert.Single((await server.Server.StatusAsync()).Drain!.Blockers);
        Assert.Equal((id, client.LocalEnd, ConnectionState.Upgraded), (blocker.Id, blocker.Peer, blocker.State));
        Assert.Equal(("GET", "/silent"), (blocker.Method, blocker.Path));
        // Nobody knows its protocol's goodbye: it is cut.
        Assert.Equal(RawEnd.Reset, await client.ReadEndAsync());

        var report = await drained.WaitAsync(SocketApplication.WaitMax);
        Assert.Equal((1, id), (report.Aborted, report.Blockers[0].Id));
        Assert.Equal(EndReason.DrainAborted, (await server.ConnectionAsync(id)).EndReason);
    }

    private static Task<StartedServer> StartAsync(bool http2) => SocketApplication.StartAsync(
        SocketApplication.EchoAsync, protocol: http2 ? HttpProtocols.Http2 : HttpProtocols.Http1);

    private static HttpClient? Client(StartedServer server, bool http2) => http2 ? TestApplication.Http2(server.Address) : null;

    // Over HTTP/2 the connection may close before the client has noticed that its answer is out.
    private static Task<Exception?> CloseAsync(ClientWebSocket socket)
        => Record.ExceptionAsync(() => socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None));
}
