using ActorServer.Core;
using ActorServer.TestKit;

namespace ActorServer.Actors.Tests.Steering;

/// <summary>The ports close without a drain.</summary>
[Trait("Conformance", "101")]
public sealed class SuspendSpecs : IAsyncDisposable
{
    private static readonly TimeSpan LameDuck = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    private readonly VirtualNode _node = VirtualNode.Start(new()
    {
        LameDuck = LameDuck,
        Spread = Duration.Zero,
        IdleGrace = Duration.Zero,
        SilentGrace = Duration.Zero,
    });

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task The_node_accepts_nobody_and_serves_who_is_there()
    {
        var idle = await _node.IdleAsync();
        var (busy, request) = await _node.BusyAsync();

        var status = await _node.Server.SuspendAsync();

        Assert.Equal((NodePhase.Serving, false, false), (status.Phase, status.Accepting, status.Ready));
        Assert.Null(status.Drain);
        busy.End(request);
        await _node.AdvanceAsync(Long);
        Assert.Equal((0, 0), (idle.Transport.Announcements, busy.Transport.Announcements));
        Assert.False(idle.Transport.CloseRequested.IsCompleted || busy.Transport.CloseRequested.IsCompleted);
        Assert.Equal(2, (await _node.Server.StatusAsync()).Connections.Idle);
        Assert.Empty(_node.Transitions.Phases);
    }

    [Fact]
    public async Task Twice_is_once()
    {
        await _node.Server.SuspendAsync();
        var again = await _node.Server.SuspendAsync();

        Assert.Equal((NodePhase.Serving, false), (again.Phase, again.Accepting));
        Assert.Equal(1, _node.Gate.CloseCalls);
    }

    [Fact]
    public async Task Resume_undoes_it_and_again_and_again()
    {
        for (var i = 1; i <= 3; i++)
        {
            Assert.False((await _node.Server.SuspendAsync()).Accepting);
            Assert.True((await _node.Server.ResumeAsync()).Ready);
            Assert.True((await _node.Server.ResumeAsync()).Ready);
            Assert.Equal((i, i), (_node.Gate.CloseCalls, _node.Gate.OpenCalls));
        }

        Assert.Empty(_node.Transitions.Phases);
        Assert.False(_node.Server.WhenDrained.IsCompleted);
    }

    [Fact]
    public async Task Resume_waits_for_ports_that_are_still_closing()
    {
        FakeListenerGate gate = new(closesAtOnce: false);
        await using var node = VirtualNode.Start(gate: gate);
        Assert.False((await node.Server.SuspendAsync()).Accepting);

        var resume = node.Server.ResumeAsync();
        await node.SettleAsync();
        Assert.False(resume.IsCompleted);
        gate.Close();

        Assert.True((await resume.SoonAsync()).Ready);
        // The old closing's late answer is nobody's business now.
        await node.AdvanceAsync(Long);
        await node.AssertServesAsync();
    }

    [Theory]
    [InlineData(NodePhase.LameDuck)]
    [InlineData(NodePhase.Draining)]
    [InlineData(NodePhase.Drained)]
    public async Task It_is_refused_while_the_node_drains(NodePhase phase)
    {
        await _node.BusyAsync();
        await _node.DrainUntilAsync(phase);

        var refused = await Assert.ThrowsAsync<DrainRefusedException>(() => _node.Server.SuspendAsync());

        Assert.Equal($"The node is in phase {phase}: its drain closes the ports.", refused.Message);
        Assert.Equal(phase, (await _node.Server.StatusAsync()).Phase);
    }

    [Fact]
    public async Task A_suspended_node_drains_as_any_other()
    {
        var idle = await _node.IdleAsync();
        await _node.Server.SuspendAsync();

        var drain = _node.Server.DrainAsync(new(DrainTrigger.Api));
        var status = await _node.Server.StatusAsync();
        Assert.Equal((NodePhase.LameDuck, false, false), (status.Phase, status.Accepting, status.Ready));
        Assert.False(idle.Transport.CloseRequested.IsCompleted);
        await _node.AdvanceAsync(LameDuck);
        await idle.Transport.CloseRequested.SoonAsync();
        Assert.False(drain.IsCompleted);
        idle.Cell.Closed();

        Assert.Equal((DrainPhase.Drained, 1), ((await drain.SoonAsync()).Phase, (await drain).Closed));
    }

    [Theory]
    [InlineData(NodePhase.LameDuck)]
    [InlineData(NodePhase.Draining)]
    [InlineData(NodePhase.Drained)]
    public async Task Resume_of_a_drain_on_a_suspended_node_opens_its_ports(NodePhase phase)
    {
        await _node.BusyAsync();
        await _node.Server.SuspendAsync();
        await _node.DrainUntilAsync(phase);

        await _node.Server.ResumeAsync();

        await _node.AssertServesAsync();
        Assert.Equal(1, _node.Gate.OpenCalls);
    }

    [Fact]
    [Trait("Conformance", "21")]
    public async Task Ports_still_closing_are_waited_for_by_a_drains_hooks()
    {
        FakeListenerGate gate = new(closesAtOnce: false);
        Journal journal = new();
        TaskCompletionSource hook = new();
        await using var node = VirtualNode.Start(
            new() { LameDuck = Duration.Zero, Spread = Duration.Zero, IdleGrace = Duration.Zero },
            gate, hooks: [new ScriptedHook(journal) { Draining = _ => hook.Task }]);
        var idle = await node.IdleAsync();
        await node.Server.SuspendAsync();
        await node.Server.BeginDrainAsync();
        await node.AdvanceAsync(TimeSpan.Zero);

        gate.Close();
        await journal.ReachAsync("hook: draining");
        await node.SettleAsync();
        // Two have waited for the ports: the suspension, and the drain with its hooks. Only the drain may go on.
        await node.AdvanceAsync(TimeSpan.FromMilliseconds(1));
        Assert.False(idle.Transport.CloseRequested.IsCompleted);
        hook.SetResult();

        await idle.Transport.CloseRequested.SoonAsync();
        Assert.Equal(1, journal.Entries.Count(e => e == "hook: draining"));
    }
}
