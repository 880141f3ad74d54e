using ActorServer.Core;
using ActorServer.TestKit;

namespace ActorServer.Actors.Tests.Steering;

/// <summary>A drain is called off: the node serves again, from whatever phase.</summary>
[Trait("Conformance", "82")]
public sealed class ResumeSpecs : IAsyncDisposable
{
    private static readonly TimeSpan LameDuck = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Spread = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    private readonly VirtualNode _node = VirtualNode.Start(new()
    {
        Budget = TimeSpan.FromSeconds(60),
        LameDuck = LameDuck,
        Spread = Spread,
        IdleGrace = Duration.Zero,
        SilentGrace = Duration.Zero,
    });

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    [Trait("Conformance", "85")]
    public async Task From_LameDuck_the_node_is_ready_again_and_nobody_announces_a_close()
    {
        var idle = await _node.IdleAsync();
        var (busy, request) = await _node.BusyAsync();
        await _node.DrainUntilAsync(NodePhase.LameDuck);
        var drained = _node.Server.WhenDrained;

        var status = await _node.Server.ResumeAsync();

        await _node.AssertServesAsync();
        Assert.Equal((NodePhase.Serving, true), (status.Phase, status.Ready));
        Assert.Equal((DrainPhase.Cancelled, 2, 2), (status.Drain!.Phase, status.Drain.Initial, status.Drain.Remaining));
        Assert.Empty(status.Drain.Blockers);
        Assert.Equal(_node.Time.GetUtcNow(), status.Drain.EndedAt);
        Assert.Equal(DrainPhase.Cancelled, (await drained.SoonAsync()).Phase);
        await _node.SettleAsync();
        Assert.Equal((1, 1), (idle.Transport.Withdrawals, busy.Transport.Withdrawals));

        busy.End(request);
        await _node.AdvanceAsync(Long);
        await _node.AssertServesAsync();
        Assert.Equal(0, _node.Gate.CloseCalls);
        Assert.False(idle.Transport.CloseRequested.IsCompleted || busy.Transport.CloseRequested.IsCompleted);
        await _node.Transitions.ExpectAsync(busy.Id, ConnectionState.New, ConnectionState.Active, ConnectionState.Idle);
    }

    [Fact]
    public async Task Ports_that_finish_closing_while_it_waits_for_them_end_nobody()
    {
        FakeListenerGate gate = new(closesAtOnce: false);
        await using var node = VirtualNode.Start(
            new() { LameDuck = Duration.Zero, Spread = Duration.Zero, IdleGrace = Duration.Zero }, gate);
        var idle = await node.IdleAsync();
        await node.Server.BeginDrainAsync(new(DrainTrigger.Api));
        var resume = node.Server.ResumeAsync();

        gate.Close();
        await resume.SoonAsync();

        await node.ObeyAsync(idle);
        await node.AdvanceAsync(Long);
        Assert.False(idle.Transport.CloseRequested.IsCompleted);
        await node.AssertServesAsync();
    }

    [Fact]
    public async Task While_the_ports_are_closing_it_waits_for_them_and_opens_them_again()
    {
        FakeListenerGate gate = new(closesAtOnce: false);
        await using var node = VirtualNode.Start(new() { LameDuck = Duration.Zero }, gate);
        var idle = await node.IdleAsync();
        await node.Server.BeginDrainAsync(new(DrainTrigger.Api));
        await node.AdvanceAsync(TimeSpan.Zero);
        await gate.Closing.SoonAsync();

        var resume = node.Server.ResumeAsync();
        // Questions are answered meanwhile, and no phase ends.
        await node.AdvanceAsync(Long);
        var waiting = await node.Server.StatusAsync();
        Assert.Equal((NodePhase.Draining, false), (waiting.Phase, resume.IsCompleted));
        gate.Close();

        Assert.Equal(DrainPhase.Cancelled, (await resume.SoonAsync()).Drain!.Phase);
        await node.AssertServesAsync();
        await node.AdvanceAsync(Long);
        await node.AssertServesAsync();
        Assert.False(idle.Transport.Aborted.IsCompleted);
    }

    [Fact]
    public async Task From_Draining_those_already_told_to_close_go_and_the_others_live_on()
    {
        var first = await _node.IdleAsync();
        _node.Advance(TimeSpan.FromSeconds(1));
        var second = await _node.IdleAsync();
        var (busy, request) = await _node.BusyAsync();
        await _node.DrainUntilAsync(NodePhase.Draining);
        // The first of two turns is over after half of the spread, the second is not certain before its end.
        await _node.AdvanceAsync(Spread / 2);
        await first.Transport.CloseRequested.SoonAsync();
        if (second.Transport.CloseRequested.IsCompleted)
        {
            Assert.Fail("The second turn came in the first half of the spread.");
        }

        await _node.Server.ResumeAsync();
        await _node.AdvanceAsync(Long);
        first.Cell.Closed();
        await _node.Transitions.ReachAsync(first.Id, ConnectionState.Closed);

        await _node.AssertServesAsync();
        Assert.Equal(EndReason.Closed, (await _node.Server.Connection(first.Id).GetAsync())!.EndReason);
        Assert.Equal((1, 1), (second.Transport.Withdrawals, busy.Transport.Withdrawals));
        busy.End(request);
        second.End(second.Start());
        await _node.Transitions.ReachAsync(second.Id, ConnectionState.Idle, times: 2);
        await _node.AdvanceAsync(Long);
        Assert.False(second.Transport.CloseRequested.IsCompleted || busy.Transport.CloseRequested.IsCompleted);
        Assert.Equal(2, (await _node.Server.StatusAsync()).Connections.Idle);
    }

    [Fact]
    public async Task From_Drained_the_record_says_Drained_and_the_node_serves()
    {
        await _node.DrainUntilAsync(NodePhase.Drained);
        var report = await _node.Server.WhenDrained.SoonAsync();

        var status = await _node.Server.ResumeAsync();

        await _node.AssertServesAsync();
        Assert.Equal((DrainPhase.Drained, report.EndedAt), (status.Drain!.Phase, status.Drain.EndedAt));
        Assert.False(_node.Server.WhenDrained.IsCompleted);
        var connection = await _node.IdleAsync();
        await _node.AdvanceAsync(Long);
        Assert.Equal((0, false), (connection.Transport.Announcements, connection.Transport.Aborted.IsCompleted));
    }

    [Fact]
    public async Task A_new_drain_has_a_new_id_and_an_end_of_its_own()
    {
        await _node.DrainUntilAsync(NodePhase.Drained);
        var first = _node.Server.WhenDrained;
        await _node.Server.ResumeAsync();

        var connection = await _node.IdleAsync();
        var drain = _node.Server.DrainAsync(new(DrainTrigger.Message, Reason: "again"));
        var second = _node.Server.WhenDrained;
        await _node.AdvanceAsync(LameDuck);
        await _node.AdvanceAsync(Spread);
        await connection.Transport.CloseRequested.SoonAsync();
        Assert.False(second.IsCompleted);
        connection.Cell.Closed();

        var report = await drain.SoonAsync();
        Assert.Equal(("1", DrainPhase.Drained), ((await first.SoonAsync()).Id, (await first).Phase));
        Assert.Equal(("2", DrainPhase.Drained, 1, 1), (report.Id, report.Phase, report.Initial, report.Closed));
        Assert.Equal(("again", DrainTrigger.Message), (report.Reason, report.Trigger));
        Assert.Equal("2", (await second.SoonAsync()).Id);
    }

    [Fact]
    public async Task In_the_last_seconds_the_aborted_go_and_who_comes_afterwards_is_not_aborted()
    {
        var (busy, _) = await _node.BusyAsync("/slow");
        await _node.DrainUntilAsync(NodePhase.Draining);
        await _node.AdvanceAsync(TimeSpan.FromSeconds(53));
        await busy.Transport.Aborted.SoonAsync();

        var status = await _node.Server.ResumeAsync();
        var late = await _node.IdleAsync();
        busy.Cell.Closed();
        await _node.Transitions.ReachAsync(busy.Id, ConnectionState.Closed);
        await _node.AdvanceAsync(Long);

        await _node.AssertServesAsync();
        Assert.Equal(DrainPhase.Cancelled, status.Drain!.Phase);
        Assert.Equal(EndReason.DrainAborted, (await _node.Server.Connection(busy.Id).GetAsync())!.EndReason);
        Assert.False(late.Transport.Aborted.IsCompleted);
    }

    [Fact]
    public async Task It_does_nothing_to_a_node_that_serves()
    {
        var connection = await _node.IdleAsync();
        Assert.Equal(NodePhase.Serving, (await _node.Server.ResumeAsync()).Phase);
        await _node.DrainUntilAsync(NodePhase.Draining);
        var ended = (await _node.Server.ResumeAsync()).Drain!.EndedAt;
        _node.Advance(LameDuck);

        var again = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _node.Server.ResumeAsync()));

        Assert.All(again, s => Assert.Equal((NodePhase.Serving, ended), (s.Phase, s.Drain!.EndedAt)));
        await _node.SettleAsync();
        Assert.Equal((1, 1), (_node.Gate.OpenCalls, connection.Transport.Withdrawals));
        await _node.Transitions.ReachAsync(NodePhase.Serving);
        Assert.Equal([NodePhase.LameDuck, NodePhase.Draining, NodePhase.Serving], _node.Transitions.Phases);
    }

    [Fact]
    public async Task Many_at_once_open_the_ports_once()
    {
        await _node.DrainUntilAsync(NodePhase.Drained);

        var resumes = Enumerable.Range(0, 20).Select(_ => Task.Run(() => _node.Server.ResumeAsync()));
        var all = await Task.WhenAll(resumes).SoonAsync();

        Assert.All(all, static s => Assert.True(s.Ready));
        Assert.Equal(1, _node.Gate.OpenCalls);
    }
}
