using ActorServer.Core;
using ActorServer.TestKit;

namespace ActorServer.Actors.Tests.Steering;

/// <summary>The supervisor crashes while something is steered: its successor goes on from there.</summary>
[Trait("Conformance", "107")]
public sealed class SteeringCrashSpecs
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LameDuck = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData(NodePhase.LameDuck)]
    [InlineData(NodePhase.Draining)]
    [InlineData(NodePhase.Drained)]
    public async Task A_crash_in_a_phase_leaves_it_to_be_resumed_from(NodePhase phase)
    {
        await using var node = Start();
        var (busy, _) = await node.BusyAsync();
        await node.DrainUntilAsync(phase);

        await node.CrashSupervisorAsync();
        Assert.Equal(phase, (await node.Server.StatusAsync()).Phase);
        await node.Server.ResumeAsync();

        await node.AssertServesAsync();
        await node.SettleAsync();
        Assert.True(busy.Transport.Withdrawals > 0);
        await node.AdvanceAsync(TimeSpan.FromHours(1));
        await node.AssertServesAsync();
    }

    [Fact]
    public async Task A_crash_while_the_ports_open_for_a_resume_ends_no_phase()
    {
        FakeListenerGate gate = new(closesAtOnce: false);
        await using var node = Start(gate);
        var (busy, _) = await node.BusyAsync();
        await node.DrainUntilAsync(NodePhase.Draining);
        var resume = node.Server.ResumeAsync();
        await node.SettleAsync();

        await node.CrashSupervisorAsync();
        await node.AdvanceAsync(2 * Budget);
        Assert.False(busy.Transport.Aborted.IsCompleted);
        gate.Close();

        Assert.True((await resume.SoonAsync()).Ready);
        await node.SettleAsync();
        await node.AssertServesAsync();
        Assert.Equal(1, gate.CloseCalls);
    }

    [Fact]
    public async Task A_crash_while_the_ports_open_and_cannot_leaves_the_drain_to_go_on()
    {
        FakeListenerGate gate = new(closesAtOnce: false) { OpenFailure = new IOException("taken") };
        await using var node = Start(gate);
        var (busy, _) = await node.BusyAsync();
        await node.DrainUntilAsync(NodePhase.Draining);
        var resume = node.Server.ResumeAsync();
        await node.SettleAsync();

        await node.CrashSupervisorAsync();
        gate.Close();
        await Assert.ThrowsAsync<DrainRefusedException>(() => resume.SoonAsync());
        await node.AdvanceAsync(Budget);

        await busy.Transport.Aborted.SoonAsync();
        Assert.Equal(1, (await node.Server.WhenDrained.SoonAsync()).Stragglers);
    }

    [Fact]
    public async Task A_crash_while_the_ports_close_lets_the_drain_go_on_with_them()
    {
        FakeListenerGate gate = new(closesAtOnce: false);
        await using var node = Start(gate);
        var idle = await node.IdleAsync();
        await node.DrainUntilAsync(NodePhase.Draining);

        await node.CrashSupervisorAsync();
        Assert.False(idle.Transport.CloseRequested.IsCompleted);
        gate.Close();

        await idle.Transport.CloseRequested.SoonAsync();
        idle.Cell.Closed();
        Assert.Equal(DrainPhase.Drained, (await node.Server.WhenDrained.SoonAsync()).Phase);
    }

    [Fact]
    public async Task A_crash_of_a_suspended_node_leaves_it_suspended()
    {
        await using var node = Start();
        await node.Server.SuspendAsync();

        await node.CrashSupervisorAsync();
        var status = await node.Server.StatusAsync();
        Assert.Equal((NodePhase.Serving, false, false), (status.Phase, status.Accepting, status.Ready));
        await node.Server.ResumeAsync();

        await node.AssertServesAsync();
        await node.CrashSupervisorAsync();
        await node.AssertServesAsync();
    }

    [Fact]
    [Trait("Conformance", "78")]
    public async Task A_crash_while_hooks_hear_of_the_end_leaves_nobody_waiting()
    {
        Journal journal = new();
        TaskCompletionSource drained = new();
        await using var node = Start(hooks: new ScriptedHook(journal) { Drained = (_, _) => drained.Task });
        var drain = node.Server.DrainAsync();
        await node.Transitions.ReachAsync(NodePhase.LameDuck);
        await node.AdvanceAsync(LameDuck);
        await journal.ReachAsync("hook: drained, Drained");

        await node.CrashSupervisorAsync();
        Assert.False(drain.IsCompleted);
        drained.SetResult();

        Assert.Equal(DrainPhase.Drained, (await drain.SoonAsync()).Phase);
    }

    [Fact]
    public async Task Crashes_at_any_moment_of_a_resume_end_in_a_node_that_serves()
    {
        for (var round = 0; round < 30; round++)
        {
            FakeListenerGate gate = new(closesAtOnce: false);
            await using var node = Start(gate);
            var (busy, request) = await node.BusyAsync();
            await node.DrainUntilAsync(NodePhase.Draining);

            var crash = Task.Run(node.CrashSupervisorAsync);
            var resume = Task.Run(() => node.Server.ResumeAsync());
            gate.Close();
            await Task.WhenAll(crash, resume).SoonAsync();

            await node.SettleAsync();
            await node.AssertServesAsync();
            busy.End(request);
            await node.Transitions.ReachAsync(busy.Id, ConnectionState.Idle);
            await node.AdvanceAsync(TimeSpan.FromHours(1));
            await node.AssertServesAsync();
            Assert.Equal(new ConnectionCounts { Idle = 1 }, (await node.Server.StatusAsync()).Connections);
            Assert.False(busy.Transport.CloseRequested.IsCompleted || busy.Transport.Aborted.IsCompleted);
        }
    }

    private static VirtualNode Start(FakeListenerGate? gate = null, params IDrainHook[] hooks) => VirtualNode.Start(
        new() { Budget = Budget, LameDuck = LameDuck, Spread = Duration.Zero, IdleGrace = TimeSpan.FromSeconds(1) },
        gate,
        hooks: hooks);
}
