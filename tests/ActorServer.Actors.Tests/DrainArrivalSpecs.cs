using ActorServer.Core;
using ActorServer.TestKit;

namespace ActorServer.Actors.Tests;

/// <summary>A connection that comes while the node drains is told at once what all others were told.</summary>
[Trait("Conformance", "24")]
[Trait("Conformance", "70")]
public sealed class DrainArrivalSpecs : IAsyncDisposable
{
    private static readonly TimeSpan LameDuck = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SilentGrace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    private readonly FakeListenerGate _gate = new(closesAtOnce: false);
    private readonly VirtualNode _node;

    public DrainArrivalSpecs()
        => _node = VirtualNode.Start(new() { LameDuck = LameDuck, Spread = Duration.Zero, SilentGrace = SilentGrace }, _gate);

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task One_that_comes_in_the_lame_duck_is_announced_served_and_awaited()
    {
        var drained = _node.Server.DrainAsync();
        await _node.SettleAsync();
        var (late, request) = await _node.AcceptBusyAsync();
        await late.Transport.Announced.SoonAsync();
        await _node.AdvanceAsync(LameDuck);
        await _node.ClosePortsAsync();
        Assert.False(late.IsToldToEnd());

        late.End(request, keepAlive: false);
        late.Cell.Closed();

        var report = await drained.SoonAsync();
        Assert.Equal((0, 1, 0), (report.Initial, report.Completed, report.Aborted));
    }

    [Fact]
    [Trait("Conformance", "31")]
    public async Task One_that_comes_out_of_the_backlog_while_the_ports_close_is_awaited()
    {
        var drained = _node.Server.DrainAsync();
        await _node.AdvanceAsync(LameDuck);
        // Nobody was here. As long as the ports are not closed that may be untrue a moment later.
        var (late, request) = await _node.AcceptBusyAsync();
        await _node.ClosePortsAsync();
        await late.Transport.Announced.SoonAsync();
        Assert.False(drained.IsCompleted);

        late.End(request, keepAlive: false);
        late.Cell.Closed();

        Assert.Equal(1, (await drained.SoonAsync()).Completed);
    }

    [Fact]
    public async Task A_silent_one_out_of_the_backlog_has_its_grace_and_is_closed()
    {
        var drained = _node.Server.DrainAsync();
        await _node.AdvanceAsync(LameDuck);
        var late = await _node.AcceptAsync();
        await _node.ClosePortsAsync();
        await _node.AdvanceAsync(SilentGrace - Tick);
        Assert.False(late.IsToldToEnd());

        await _node.AdvanceAsync(Tick);
        Assert.True(late.Transport.CloseRequested.IsCompleted);
        await _node.ObeyAsync(late);

        Assert.Equal(1, (await drained.SoonAsync()).Closed);
    }

    [Fact]
    [Trait("Conformance", "37")]
    public async Task One_that_is_reported_after_the_ports_closed_is_announced_and_closed()
    {
        var (busy, _) = await _node.AcceptBusyAsync();
        await _node.Server.BeginDrainAsync();
        await _node.AdvanceAsync(LameDuck);
        await _node.ClosePortsAsync();

        var late = await _node.AcceptAsync();
        await late.Transport.Announced.SoonAsync();
        await _node.AdvanceAsync(SilentGrace);

        Assert.True(late.Transport.CloseRequested.IsCompleted);
        Assert.False(busy.IsToldToEnd());
    }

    [Fact]
    [Trait("Conformance", "37")]
    public async Task One_that_comes_after_the_abort_is_aborted()
    {
        var (deaf, _) = await _node.AcceptBusyAsync();
        var drained = _node.Server.DrainAsync(new(DrainTrigger.Api, Budget: 2 * LameDuck, LameDuck: Duration.Zero));
        await _node.AdvanceAsync(TimeSpan.Zero);
        await _node.ClosePortsAsync();
        await _node.AdvanceAsync(LameDuck + TimeSpan.FromSeconds(3));
        Assert.True(deaf.Transport.Aborted.IsCompleted);

        var late = await _node.AcceptAsync();
        await late.Transport.Aborted.SoonAsync();
        await _node.ObeyAsync(late, deaf);

        var report = await drained.SoonAsync();
        Assert.Equal((1, 2, 0), (report.Initial, report.Aborted, report.Stragglers));
    }

    [Fact]
    [Trait("Conformance", "37")]
    public async Task One_that_comes_to_a_drained_node_is_aborted_and_changes_no_report()
    {
        var drained = _node.Server.DrainAsync();
        await _node.AdvanceAsync(LameDuck);
        await _node.ClosePortsAsync();
        var report = await drained.SoonAsync();

        var late = await _node.AcceptAsync();
        await late.Transport.Aborted.SoonAsync();
        await _node.ObeyAsync(late);

        var status = await _node.Server.StatusAsync();
        Assert.Equal((0, 1, 1), (status.Connections.Total, status.Totals.Closed, status.Totals.Aborted));
        Assert.Equal((report.Aborted, report.EndedAt), (status.Drain!.Aborted, status.Drain.EndedAt));
    }

    [Fact]
    public async Task Connections_that_come_all_the_time_are_each_told()
    {
        await _node.Server.BeginDrainAsync();
        List<VirtualConnection> all = [];
        for (var i = 0; i < 100; i++)
        {
            all.Add(_node.Accept());
            if (i == 50)
            {
                await _node.AdvanceAsync(LameDuck);
            }
        }

        await _node.ClosePortsAsync();
        await _node.AdvanceAsync(SilentGrace);

        Assert.All(all, static c => Assert.True(c.Transport.Announced.IsCompleted && c.Transport.CloseRequested.IsCompleted));
        await _node.ObeyAsync(all);
        var report = await _node.Server.WhenDrained.SoonAsync();
        Assert.Equal((0, 100), (report.Initial, report.Closed));
    }
}
