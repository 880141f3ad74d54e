using ActorServer.Core;
using ActorServer.TestKit;

namespace ActorServer.Actors.Tests;

/// <summary>What a drain does with those who do not go.</summary>
[Trait("Conformance", "70")]
public sealed class DrainDeadlineSpecs : IAsyncDisposable
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan AbortWait = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    private readonly FakeListenerGate _gate = new(closesAtOnce: false);
    private readonly VirtualNode _node;

    public DrainDeadlineSpecs() => _node = VirtualNode.Start(
        new() { Budget = Budget, LameDuck = Second, Spread = Second, AbortWait = AbortWait }, _gate);

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    [Trait("Conformance", "59")]
    [Trait("Conformance", "62")]
    public async Task What_is_left_is_aborted_before_the_deadline_and_reported()
    {
        var (busy, _) = await _node.AcceptBusyAsync("/stuck");
        var drained = await DrainAsync();
        await _node.AdvanceAsync(Budget - AbortWait - Second - Tick);
        Assert.False(busy.Transport.Aborted.IsCompleted);

        await _node.AdvanceAsync(Tick);
        Assert.Contains("deadline", await busy.Transport.Aborted.SoonAsync(), StringComparison.Ordinal);
        await _node.ObeyAsync(busy);

        var report = await drained.SoonAsync();
        Assert.Equal((1, 0, 0, 1, 0), Numbers(report));
        Assert.True(report.HasAborted);
        Assert.Equal(Budget - AbortWait, report.EndedAt - report.StartedAt);
        Assert.Equal(["/stuck"], report.Blockers.Select(b => b.Path));
        Assert.Equal(EndReason.DrainAborted, (await _node.SnapshotAsync(busy)).EndReason);
    }

    [Fact]
    [Trait("Conformance", "61")]
    [Trait("Conformance", "62")]
    public async Task A_drain_that_meets_its_deadline_aborts_nobody()
    {
        var (busy, request) = await _node.AcceptBusyAsync();
        var drained = await DrainAsync();
        await _node.AdvanceAsync(Budget - AbortWait - Second - Tick);
        busy.End(request, keepAlive: false);
        busy.Cell.Closed();

        var report = await drained.SoonAsync();
        await _node.AdvanceAsync(Budget);

        Assert.Equal((1, 0, 1, 0, 0), Numbers(report));
        Assert.False(report.HasAborted);
        Assert.False(busy.Transport.Aborted.IsCompleted);
        Assert.Equal(0, (await _node.Server.StatusAsync()).Totals.Aborted);
    }

    [Fact]
    [Trait("Conformance", "29")]
    [Trait("Conformance", "30")]
    public async Task A_short_request_is_answered_and_an_endless_one_cut_in_one_drain()
    {
        var (quick, request) = await _node.AcceptBusyAsync("/quick");
        var (endless, _) = await _node.AcceptBusyAsync("/endless");
        var drained = await DrainAsync();
        quick.End(request, keepAlive: false);
        quick.Cell.Closed();
        await _node.AdvanceAsync(Budget - AbortWait - Second - Tick);
        Assert.False(endless.IsToldToEnd());
        await _node.AdvanceAsync(Tick);
        await _node.ObeyAsync(endless);

        var report = await drained.SoonAsync();

        Assert.Equal((2, 0, 1, 1, 0), Numbers(report));
        Assert.Equal([endless.Id], report.Blockers.Select(b => b.Id));
        Assert.False(quick.Transport.Aborted.IsCompleted);
    }

    [Fact]
    [Trait("Conformance", "46")]
    public async Task An_upgraded_connection_is_held_until_it_is_aborted()
    {
        var upgraded = await _node.AcceptUpgradedAsync();
        var drained = await DrainAsync();
        await _node.AdvanceAsync(Budget - AbortWait - Second - Tick);
        Assert.False(upgraded.Transport.Aborted.IsCompleted);
        await _node.AdvanceAsync(Tick);
        await upgraded.Transport.Aborted.SoonAsync();
        await _node.ObeyAsync(upgraded);

        Assert.Equal((1, 0, 0, 1, 0), Numbers(await drained.SoonAsync()));
    }

    [Fact]
    [Trait("Conformance", "60")]
    [Trait("Conformance", "109")]
    public async Task One_that_ignores_its_abort_is_a_straggler_and_not_waited_for()
    {
        var (deaf, _) = await _node.AcceptBusyAsync("/deaf");
        var (cut, _) = await _node.AcceptBusyAsync("/cut");
        var drained = await DrainAsync();
        await _node.AdvanceAsync(Budget - AbortWait - Second);
        await _node.ObeyAsync(cut);
        await _node.AdvanceAsync(AbortWait - Tick);
        Assert.False(drained.IsCompleted);

        await _node.AdvanceAsync(Tick);

        var report = await drained.SoonAsync();
        Assert.Equal((2, 0, 0, 1, 1), Numbers(report));
        Assert.Equal(1, report.Remaining);
        Assert.Equal(report.Deadline, report.EndedAt);
        // Whoever was cut stays named, gone or not.
        Assert.Equal([deaf.Id, cut.Id], report.Blockers.Select(b => b.Id));
        deaf.Cell.Closed();
        await _node.SettleAsync();
        Assert.Equal((1, 1), ((await _node.Server.StatusAsync()).Drain!.Stragglers, (await _node.Server.StatusAsync()).Drain!.Aborted));
        Assert.Equal(2, (await _node.Server.StatusAsync()).Totals.Aborted);
    }

    [Fact]
    [Trait("Conformance", "63")]
    public async Task An_infinite_drain_waits_for_ever_and_ends_with_its_last_connection()
    {
        var (busy, _) = await _node.AcceptBusyAsync();
        var drained = await DrainAsync(Duration.Infinite);
        Assert.Null((await _node.Server.StatusAsync()).Drain!.Deadline);
        await _node.AdvanceAsync(TimeSpan.FromDays(30));
        Assert.False(busy.IsToldToEnd());
        Assert.False(drained.IsCompleted);
        Assert.False((await _node.Server.StatusAsync()).Accepting);

        await _node.Server.Connection(busy.Id).AbortAsync();
        await busy.Transport.Aborted.SoonAsync();
        await _node.ObeyAsync(busy);

        Assert.Equal(NodePhase.Drained, (await _node.Server.StatusAsync()).Phase);
        Assert.Equal((1, 0, 0, 1, 0), Numbers(await drained.SoonAsync()));
    }

    // A tick of a timer is long enough for the ports to close, and for idle connections to be closed politely.
    [Fact]
    [Trait("Conformance", "64")]
    public async Task A_budget_of_zero_waits_for_no_timer()
    {
        var idle = await _node.AcceptIdleAsync();
        var (busy, _) = await _node.AcceptBusyAsync();
        var drained = _node.Server.DrainAsync(new(DrainTrigger.Api, Budget: Duration.Zero));
        await _node.SettleAsync();

        Assert.True(idle.Transport.Aborted.IsCompleted && busy.Transport.Aborted.IsCompleted);
        await _node.ObeyAsync(idle, busy);
        _gate.Close();
        Assert.Equal(2, (await drained.SoonAsync()).Aborted);
    }

    [Fact]
    [Trait("Conformance", "64")]
    public async Task A_drain_without_a_budget_aborts_everything_at_once()
    {
        var (busy, idle) = ((await _node.AcceptBusyAsync()).Connection, await _node.AcceptIdleAsync());
        _gate.Close();
        var drained = _node.Server.DrainAsync(new(DrainTrigger.Api, Budget: Duration.Zero));
        await _node.AdvanceAsync(TimeSpan.Zero);

        Assert.True(busy.Transport.Aborted.IsCompleted);
        Assert.True(idle.Transport.Aborted.IsCompleted);
        await _node.ObeyAsync(busy, idle);
        var report = await drained.SoonAsync();
        Assert.Equal((2, 0, 0, 2, 0), Numbers(report));
        Assert.Equal(report.StartedAt, report.EndedAt);
    }

    [Fact]
    [Trait("Conformance", "64")]
    public async Task A_drain_without_a_budget_gives_the_aborted_a_moment_to_end()
    {
        var (deaf, _) = await _node.AcceptBusyAsync();
        var drained = _node.Server.DrainAsync(new(DrainTrigger.Api, Budget: Duration.Zero));
        await _node.AdvanceAsync(DrainPlan.AbortEcho - Tick);
        Assert.True(deaf.Transport.Aborted.IsCompleted);
        Assert.False(drained.IsCompleted);

        await _node.AdvanceAsync(Tick);

        Assert.Equal((1, 0, 0, 0, 1), Numbers(await drained.SoonAsync()));
    }

    [Fact]
    [Trait("Conformance", "41")]
    public async Task Ports_that_do_not_close_cleanly_hold_nothing_up()
    {
        var idle = await _node.AcceptIdleAsync();
        var drained = _node.Server.DrainAsync();
        await _node.AdvanceAsync(Second);
        await Task.Run(() => _gate.FailToClose(new IOException("a port that does not close")));
        await _node.AdvanceAsync(2 * Second);
        Assert.True(idle.Transport.CloseRequested.IsCompleted);
        await _node.ObeyAsync(idle);

        Assert.Equal((1, 1, 0, 0, 0), Numbers(await drained.SoonAsync()));
    }

    [Fact]
    [Trait("Conformance", "60")]
    public async Task Ports_that_never_close_end_the_drain_at_its_deadline()
    {
        var (idle, silent) = (await _node.AcceptIdleAsync(), await _node.AcceptAsync());
        var drained = _node.Server.DrainAsync();
        await _node.AdvanceAsync(Budget - AbortWait);
        await _node.ObeyAsync(idle, silent);
        // Nobody is left, but somebody may still come.
        Assert.False(drained.IsCompleted);

        await _node.AdvanceAsync(AbortWait);

        var report = await drained.SoonAsync();
        Assert.Equal((2, 0, 0, 2, 0), Numbers(report));
        Assert.Equal(report.Deadline, report.EndedAt);
    }

    private async Task<Task<DrainReport>> DrainAsync(Duration? budget = null)
    {
        var drained = _node.Server.DrainAsync(new(DrainTrigger.Code, budget));
        await _node.AdvanceAsync(Second);
        await _node.ClosePortsAsync();
        return drained;
    }

    private static (int Initial, int Closed, int Completed, int Aborted, int Stragglers) Numbers(DrainReport report)
        => (report.Initial, report.Closed, report.Completed, report.Aborted, report.Stragglers);
}
