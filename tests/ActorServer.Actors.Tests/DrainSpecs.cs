using ActorServer.Core;
using ActorServer.TestKit;

namespace ActorServer.Actors.Tests;

/// <summary>The phases of a drain, each in its time.</summary>
[Trait("Conformance", "70")]
public sealed class DrainSpecs : IAsyncDisposable
{
    private static readonly TimeSpan LameDuck = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Spread = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    private readonly FakeListenerGate _gate = new(closesAtOnce: false);
    private readonly VirtualNode _node;

    public DrainSpecs() => _node = VirtualNode.Start(new() { LameDuck = LameDuck, Spread = Spread }, _gate);

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    [Trait("Conformance", "16")]
    public async Task A_drain_of_no_connections_waits_out_the_lame_duck_and_ends_when_the_ports_are_closed()
    {
        var drained = _node.Server.DrainAsync();
        await _node.AdvanceAsync(LameDuck - Tick);
        Assert.Equal(NodePhase.LameDuck, await PhaseAsync());
        Assert.False(_gate.Closing.IsCompleted);

        await _node.AdvanceAsync(Tick);
        await _gate.Closing.SoonAsync();
        Assert.False(drained.IsCompleted);

        _gate.Close();
        var report = await drained.SoonAsync();
        Assert.Equal((0, 0, 0, 0, 0), (report.Initial, report.Closed, report.Completed, report.Aborted, report.Stragglers));
        Assert.Equal(DrainPhase.Drained, report.Phase);
        Assert.Equal(report.StartedAt + LameDuck, report.EndedAt);
    }

    [Fact]
    [Trait("Conformance", "16")]
    public async Task A_drain_of_no_connections_without_a_lame_duck_ends_at_once()
    {
        _gate.Close();
        var drained = _node.Server.DrainAsync(new(DrainTrigger.Code, LameDuck: Duration.Zero));
        await _node.AdvanceAsync(TimeSpan.Zero);

        var report = await drained.SoonAsync();

        Assert.Equal(report.StartedAt, report.EndedAt);
        Assert.False(report.HasAborted);
    }

    [Fact]
    public async Task A_drain_in_its_lame_duck_is_not_ready_and_still_accepts_and_serves()
    {
        var idle = await _node.AcceptIdleAsync();
        var begun = await _node.Server.BeginDrainAsync(new(DrainTrigger.Api, Reason: "a new version"));

        var status = await _node.Server.StatusAsync();

        Assert.Equal((NodePhase.LameDuck, true, false), (status.Phase, status.Accepting, status.Ready));
        Assert.True(_gate.Announced);
        Assert.Equal((DrainPhase.LameDuck, DrainTrigger.Api, "a new version"), (begun.Phase, begun.Trigger, begun.Reason));
        Assert.Equal(begun.StartedAt + LameDuck, begun.LameDuckUntil);
        Assert.Equal(begun.StartedAt + TimeSpan.FromSeconds(22), begun.Deadline);
        await _node.AdvanceAsync(LameDuck - Tick);
        Assert.False(idle.IsToldToEnd());
        Assert.Equal(0, _gate.CloseCalls);
    }

    [Fact]
    [Trait("Conformance", "21")]
    public async Task Announce_comes_first_then_the_ports_close_then_the_idle_connections()
    {
        var idle = await _node.AcceptIdleAsync();
        await _node.Server.BeginDrainAsync();
        await idle.Transport.Announced.SoonAsync();
        Assert.False(_gate.Closing.IsCompleted);

        await _node.AdvanceAsync(LameDuck);
        await _gate.Closing.SoonAsync();
        // As long as the ports are not closed, no connection is told to close.
        await _node.AdvanceAsync(Spread);
        await _node.AdvanceAsync(Spread);
        Assert.False(idle.IsToldToEnd());

        await _node.ClosePortsAsync();
        await _node.AdvanceAsync(Spread);
        Assert.True(idle.Transport.CloseRequested.IsCompleted);
    }

    [Fact]
    [Trait("Conformance", "19")]
    [Trait("Conformance", "20")]
    public async Task The_ports_are_closed_while_requests_are_in_flight_and_each_is_awaited()
    {
        var busy = new List<(VirtualConnection Connection, object Request)>();
        for (var i = 0; i < 8; i++)
        {
            busy.Add(await _node.AcceptBusyAsync());
        }

        var drained = _node.Server.DrainAsync();
        await _node.AdvanceAsync(LameDuck);
        await _node.ClosePortsAsync();

        Assert.False((await _node.Server.StatusAsync()).Accepting);
        foreach (var (connection, request) in busy)
        {
            Assert.False(drained.IsCompleted);
            Assert.False(connection.IsToldToEnd());
            connection.End(request, keepAlive: false);
            connection.Cell.Closed();
            await _node.SettleAsync();
        }

        var report = await drained.SoonAsync();
        Assert.Equal((8, 8, 0, 0), (report.Initial, report.Completed, report.Closed, report.Aborted));
    }

    [Fact]
    [Trait("Conformance", "32")]
    public async Task A_drain_ends_no_sooner_than_its_last_connection()
    {
        var (busy, request) = await _node.AcceptBusyAsync();
        var drained = _node.Server.DrainAsync();
        await _node.AdvanceAsync(LameDuck);
        await _node.ClosePortsAsync();
        await _node.AdvanceAsync(TimeSpan.FromSeconds(10));
        busy.End(request, keepAlive: false);
        await _node.AdvanceAsync(TimeSpan.FromSeconds(1));
        // Answered, but its socket is still there.
        Assert.False(drained.IsCompleted);

        busy.Cell.Closed();

        Assert.Equal(TimeSpan.FromSeconds(16), Elapsed(await drained.SoonAsync()));
    }

    [Fact]
    public async Task A_drain_whose_last_connection_goes_before_the_ports_are_closed_ends_with_the_ports()
    {
        var idle = await _node.AcceptIdleAsync();
        var drained = _node.Server.DrainAsync();
        await _node.AdvanceAsync(LameDuck);
        idle.Cell.Closed();
        await _node.AdvanceAsync(Spread);
        Assert.Equal(NodePhase.Draining, await PhaseAsync());
        Assert.False(drained.IsCompleted);

        _gate.Close();

        Assert.Equal(LameDuck + Spread, Elapsed(await drained.SoonAsync()));
    }

    [Fact]
    [Trait("Conformance", "33")]
    public async Task The_node_goes_through_its_phases_in_order()
    {
        _gate.Close();
        await _node.Server.BeginDrainAsync();
        await _node.AdvanceAsync(LameDuck);
        await _node.Server.WhenDrained.SoonAsync();

        await _node.Transitions.ReachAsync(NodePhase.Drained);
        Assert.Equal([NodePhase.LameDuck, NodePhase.Draining, NodePhase.Drained], _node.Transitions.Phases);
    }

    [Fact]
    public async Task A_drained_node_stays_and_says_so()
    {
        _gate.Close();
        await _node.Server.BeginDrainAsync();
        await _node.AdvanceAsync(LameDuck);
        var report = await _node.Server.WhenDrained.SoonAsync();

        await _node.AdvanceAsync(TimeSpan.FromHours(1));

        var status = await _node.Server.StatusAsync();
        Assert.Equal((NodePhase.Drained, false, false), (status.Phase, status.Accepting, status.Ready));
        Assert.Equal(report.EndedAt, status.Drain!.EndedAt);
        Assert.Equal(1, _gate.CloseCalls);
    }

    [Fact]
    public async Task The_clients_own_end_of_a_connection_counts_as_closed()
    {
        var idle = await _node.AcceptIdleAsync(new() { PeerClosed = true });
        var drained = _node.Server.DrainAsync();
        await _node.SettleAsync();
        idle.Cell.Closed();
        _gate.Close();
        await _node.AdvanceAsync(LameDuck);

        var report = await drained.SoonAsync();
        Assert.Equal((1, 1, 0), (report.Initial, report.Closed, report.Completed));
    }

    private async Task<NodePhase> PhaseAsync() => (await _node.Server.StatusAsync()).Phase;

    private static TimeSpan? Elapsed(DrainReport report) => report.EndedAt - report.StartedAt;
}
