using ActorServer.Core;
using ActorServer.TestKit;

namespace ActorServer.Actors.Tests.Steering;

/// <summary>Work that outlives its request holds a drain up.</summary>
[Trait("Conformance", "32")]
public sealed class LeaseSpecs : IAsyncDisposable
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LameDuck = TimeSpan.FromSeconds(5);

    private readonly VirtualNode _node = VirtualNode.Start(new()
    {
        Budget = Budget,
        LameDuck = LameDuck,
        Spread = Duration.Zero,
        IdleGrace = Duration.Zero,
    });

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task A_drain_waits_for_it_and_ends_when_it_is_released()
    {
        var lease = _node.Server.HoldDrain("outbox");
        await _node.DrainUntilAsync(NodePhase.Draining);
        await _node.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.False(_node.Server.WhenDrained.IsCompleted);

        lease.Dispose();

        var report = await _node.Server.WhenDrained.SoonAsync();
        Assert.Equal((DrainPhase.Drained, 0, 0), (report.Phase, report.Stragglers, report.Aborted));
        Assert.False(report.HasAborted);
        Assert.Equal(LameDuck + TimeSpan.FromSeconds(1), report.EndedAt - report.StartedAt);
    }

    [Fact]
    [Trait("Conformance", "50")]
    public async Task It_is_named_among_the_blockers_in_the_order_of_who_has_held_longest()
    {
        await _node.BusyAsync("/first");
        await _node.AdvanceAsync(TimeSpan.FromSeconds(1));
        var taken = _node.Time.GetUtcNow();
        using var lease = _node.Server.HoldDrain("outbox");
        await _node.AdvanceAsync(TimeSpan.FromSeconds(1));
        await _node.BusyAsync("/last");
        foreach (var phase in new[] { NodePhase.LameDuck, NodePhase.Draining })
        {
            await _node.DrainUntilAsync(phase);

            var blockers = (await _node.Server.StatusAsync()).Drain!.Blockers;

            Assert.Equal(["/first", null, "/last"], blockers.Select(static b => b.Path));
            Assert.Equal(("lease:outbox", taken), (blockers[1].Id, blockers[1].Since));
        }
    }

    [Fact]
    [Trait("Conformance", "60")]
    public async Task The_deadline_ends_one_that_is_kept_as_a_straggler()
    {
        using var lease = _node.Server.HoldDrain("stuck");

        await _node.DrainUntilAsync(NodePhase.Drained);

        var report = await _node.Server.WhenDrained.SoonAsync();
        Assert.Equal((1, 0, true), (report.Stragglers, report.Remaining, report.HasAborted));
        Assert.Equal("lease:stuck", Assert.Single(report.Blockers).Id);
        Assert.Equal(Budget, report.EndedAt - report.StartedAt);
    }

    [Fact]
    public async Task The_last_of_all_ends_the_drain_lease_or_connection()
    {
        var (first, second) = (_node.Server.HoldDrain("first"), _node.Server.HoldDrain("first"));
        var (busy, request) = await _node.BusyAsync();
        await _node.DrainUntilAsync(NodePhase.Draining);

        first.Dispose();
        busy.End(request, keepAlive: false);
        busy.Cell.Closed();
        await _node.Transitions.ReachAsync(busy.Id, ConnectionState.Closed);
        await _node.SettleAsync();
        // A lease is released once: another of the same name is another one.
        first.Dispose();
        await _node.SettleAsync();
        Assert.False(_node.Server.WhenDrained.IsCompleted);
        second.Dispose();

        Assert.Equal(1, (await _node.Server.WhenDrained.SoonAsync()).Completed);
    }

    [Fact]
    public async Task One_that_is_taken_during_the_drain_holds_it_too()
    {
        var (busy, request) = await _node.BusyAsync();
        await _node.DrainUntilAsync(NodePhase.Draining);
        var lease = _node.Server.HoldDrain("late");
        busy.End(request, keepAlive: false);
        busy.Cell.Closed();
        await _node.Transitions.ReachAsync(busy.Id, ConnectionState.Closed);
        await _node.SettleAsync();
        Assert.False(_node.Server.WhenDrained.IsCompleted);

        lease.Dispose();

        await _node.Server.WhenDrained.SoonAsync();
    }

    [Fact]
    public async Task Without_a_drain_it_holds_nothing_and_a_resume_takes_it_along()
    {
        using var lease = _node.Server.HoldDrain("long");
        await _node.AssertServesAsync();
        await _node.DrainUntilAsync(NodePhase.Drained);
        await _node.Server.ResumeAsync();
        await _node.AssertServesAsync();

        var second = _node.Server.DrainAsync();
        await _node.AdvanceAsync(LameDuck);
        Assert.False(second.IsCompleted);
        lease.Dispose();

        Assert.Equal(0, (await second.SoonAsync()).Stragglers);
    }

    [Fact]
    [Trait("Conformance", "107")]
    public async Task A_crash_of_the_supervisor_forgets_none()
    {
        var lease = _node.Server.HoldDrain("outbox");
        await _node.DrainUntilAsync(NodePhase.Draining);
        await _node.CrashSupervisorAsync();
        Assert.Equal("lease:outbox", Assert.Single((await _node.Server.StatusAsync()).Drain!.Blockers).Id);

        lease.Dispose();

        await _node.Server.WhenDrained.SoonAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    public void It_has_a_name(string name) => Assert.Throws<ArgumentException>(() => _node.Server.HoldDrain(name));
}
