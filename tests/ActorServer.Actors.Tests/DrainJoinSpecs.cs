using ActorServer.Core;
using ActorServer.TestKit;

namespace ActorServer.Actors.Tests;

/// <summary>A second drain joins the first.</summary>
[Trait("Conformance", "70")]
public sealed class DrainJoinSpecs : IAsyncDisposable
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LameDuck = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AbortWait = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    private readonly VirtualNode _node = VirtualNode.Start(
        new() { Budget = Budget, LameDuck = LameDuck, Spread = Duration.Zero, AbortWait = AbortWait });

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    [Trait("Conformance", "71")]
    [Trait("Conformance", "72")]
    public async Task A_second_drain_is_the_first_one()
    {
        var (busy, request) = await _node.AcceptBusyAsync();
        var first = _node.Server.DrainAsync(new(DrainTrigger.Signal, Reason: "first"));
        await _node.AdvanceAsync(Second);
        var second = _node.Server.DrainAsync(new(DrainTrigger.Api, Reason: "second"));
        await _node.AdvanceAsync(LameDuck);
        busy.End(request, keepAlive: false);
        busy.Cell.Closed();

        var reports = await Task.WhenAll(first, second).SoonAsync();

        Assert.All(reports, static r => Assert.Equal(("1", DrainTrigger.Signal, "first"), (r.Id, r.Trigger, r.Reason)));
        Assert.Equal(reports[0], reports[1]);
        Assert.Equal(1, _node.Gate.CloseCalls);
    }

    [Fact]
    [Trait("Conformance", "71")]
    public async Task A_drain_of_a_drained_node_answers_with_its_end()
    {
        var first = _node.Server.DrainAsync();
        await _node.AdvanceAsync(LameDuck);
        var report = await first.SoonAsync();

        Assert.Equal(report.EndedAt, (await _node.Server.BeginDrainAsync()).EndedAt);
        Assert.Equal(report.EndedAt, (await _node.Server.DrainAsync().SoonAsync()).EndedAt);
        Assert.Equal(report.EndedAt, (await _node.Server.WhenDrained.SoonAsync()).EndedAt);
        Assert.Equal(1, _node.Gate.CloseCalls);
    }

    [Fact]
    [Trait("Conformance", "71")]
    public async Task Many_drains_at_once_are_one()
    {
        var (busy, request) = await _node.AcceptBusyAsync();
        var begun = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => _node.Server.BeginDrainAsync()))).SoonAsync();
        Assert.All(begun, static r => Assert.Equal(("1", DrainPhase.LameDuck), (r.Id, r.Phase)));
        await _node.AdvanceAsync(LameDuck);
        busy.End(request, keepAlive: false);
        busy.Cell.Closed();

        var report = await _node.Server.WhenDrained.SoonAsync();
        Assert.Equal(("1", 1, 1), (report.Id, report.Initial, report.Completed));
        Assert.Equal(1, _node.Gate.CloseCalls);
    }

    [Fact]
    [Trait("Conformance", "68")]
    public async Task A_second_drain_with_an_earlier_deadline_shortens_the_first()
    {
        var (busy, _) = await _node.AcceptBusyAsync();
        var drained = _node.Server.DrainAsync();
        await _node.AdvanceAsync(LameDuck);

        var joined = await _node.Server.BeginDrainAsync(new(DrainTrigger.Api, Budget: 4 * Second));

        Assert.Equal(_node.Time.GetUtcNow() + (4 * Second), joined.Deadline);
        await _node.AdvanceAsync((4 * Second) - AbortWait - Tick);
        Assert.False(busy.IsToldToEnd());
        await _node.AdvanceAsync(Tick);
        Assert.True(busy.Transport.Aborted.IsCompleted);
        await _node.AdvanceAsync(AbortWait);
        Assert.Equal(1, (await drained.SoonAsync()).Stragglers);
    }

    [Fact]
    [Trait("Conformance", "68")]
    public async Task A_second_drain_with_a_later_deadline_changes_nothing()
    {
        var (busy, _) = await _node.AcceptBusyAsync();
        var begun = await _node.Server.BeginDrainAsync();
        await _node.AdvanceAsync(LameDuck);

        var joined = await _node.Server.BeginDrainAsync(new(DrainTrigger.Api, Budget: TimeSpan.FromHours(1)));

        Assert.Equal(begun.Deadline, joined.Deadline);
        await _node.AdvanceAsync(Budget - LameDuck - AbortWait);
        Assert.True(busy.Transport.Aborted.IsCompleted);
    }

    [Fact]
    [Trait("Conformance", "68")]
    public async Task A_second_drain_that_extends_holds_the_later_deadline()
    {
        var (busy, _) = await _node.AcceptBusyAsync();
        await _node.Server.BeginDrainAsync();
        await _node.AdvanceAsync(LameDuck);

        var joined = await _node.Server.BeginDrainAsync(new(DrainTrigger.Api, Budget: TimeSpan.FromHours(1), Extend: true));

        Assert.Equal(_node.Time.GetUtcNow() + TimeSpan.FromHours(1), joined.Deadline);
        await _node.AdvanceAsync(TimeSpan.FromHours(1) - AbortWait - Tick);
        Assert.False(busy.IsToldToEnd());
        await _node.AdvanceAsync(Tick);
        Assert.True(busy.Transport.Aborted.IsCompleted);
    }

    [Fact]
    public async Task A_second_drain_that_extends_does_not_shorten()
    {
        await _node.AcceptBusyAsync();
        var begun = await _node.Server.BeginDrainAsync();

        var joined = await _node.Server.BeginDrainAsync(new(DrainTrigger.Api, Budget: Second, Extend: true));

        Assert.Equal((begun.Deadline, begun.LameDuckUntil), (joined.Deadline, joined.LameDuckUntil));
    }

    [Fact]
    public async Task A_second_drain_without_a_lame_duck_ends_the_first_ones()
    {
        await _node.Server.BeginDrainAsync();
        await _node.AdvanceAsync(Second);

        await _node.Server.BeginDrainAsync(new(DrainTrigger.Api, LameDuck: Duration.Zero));
        await _node.AdvanceAsync(TimeSpan.Zero);

        var report = await _node.Server.WhenDrained.SoonAsync();
        Assert.Equal(Second, report.EndedAt - report.StartedAt);
    }

    [Fact]
    [Trait("Conformance", "75")]
    public async Task A_second_drain_without_a_budget_aborts_what_is_left_now()
    {
        var (busy, _) = await _node.AcceptBusyAsync();
        var drained = _node.Server.DrainAsync(new(DrainTrigger.Signal, Budget: Duration.Infinite));
        await _node.AdvanceAsync(Second);

        await _node.Server.BeginDrainAsync(new(DrainTrigger.Signal, Budget: Duration.Zero));
        await _node.AdvanceAsync(TimeSpan.Zero);

        Assert.True(busy.Transport.Aborted.IsCompleted);
        await _node.ObeyAsync(busy);
        var report = await drained.SoonAsync();
        Assert.Equal((1, Second), (report.Aborted, report.EndedAt - report.StartedAt));
    }

    [Fact]
    public async Task Whoever_stops_waiting_does_not_stop_the_drain()
    {
        using CancellationTokenSource impatience = new();
        var drain = _node.Server.DrainAsync(cancellationToken: impatience.Token);
        await _node.SettleAsync();
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => drain.SoonAsync());

        await _node.AdvanceAsync(LameDuck);

        Assert.Equal(DrainPhase.Drained, (await _node.Server.WhenDrained.SoonAsync()).Phase);
    }
}
