using ActorServer.Core;
using ActorServer.TestKit;

namespace ActorServer.Actors.Tests.Steering;

/// <summary>Another process has a port: the node stays as it was.</summary>
[Trait("Conformance", "41")]
public sealed class PortsNotOpenedSpecs : IAsyncDisposable
{
    private const string Sentence = "The ports cannot be opened: 127.0.0.1:80: address already in use";
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(20);

    private readonly VirtualNode _node = VirtualNode.Start(new()
    {
        Budget = Budget,
        LameDuck = TimeSpan.FromSeconds(5),
        Spread = Duration.Zero,
        IdleGrace = TimeSpan.FromSeconds(1),
    });

    public PortsNotOpenedSpecs() => _node.Gate.OpenFailure = new IOException("127.0.0.1:80: address already in use");

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task A_drain_goes_on_and_its_timers_too()
    {
        var (idle, busy) = (await _node.IdleAsync(), (await _node.BusyAsync()).Connection);
        await _node.DrainUntilAsync(NodePhase.Draining);

        await AssertRefusedAsync(NodePhase.Draining);

        Assert.Equal((0, 0), (idle.Transport.Withdrawals, busy.Transport.Withdrawals));
        Assert.True(_node.Gate.Announced);
        await _node.AdvanceAsync(TimeSpan.FromSeconds(1));
        await idle.Transport.CloseRequested.SoonAsync();
        idle.Cell.Closed();
        Assert.False(busy.Transport.Aborted.IsCompleted);
        await _node.AdvanceAsync(Budget - TimeSpan.FromSeconds(6 + 2));
        await busy.Transport.Aborted.SoonAsync();
        await _node.AdvanceAsync(TimeSpan.FromSeconds(2));
        var report = await _node.Server.WhenDrained.SoonAsync();
        Assert.Equal((DrainPhase.Drained, 1), (report.Phase, report.Stragglers));
    }

    [Fact]
    public async Task Phases_that_were_due_while_the_ports_were_tried_end_afterwards()
    {
        FakeListenerGate gate = new(closesAtOnce: false) { OpenFailure = new IOException("taken") };
        await using var node = VirtualNode.Start(new() { Budget = Budget, LameDuck = Duration.Zero }, gate);
        var (busy, _) = await node.BusyAsync();
        await node.Server.BeginDrainAsync(new(DrainTrigger.Api));
        await node.AdvanceAsync(TimeSpan.Zero);
        var resume = node.Server.ResumeAsync();
        await node.AdvanceAsync(2 * Budget);
        Assert.False(busy.Transport.Aborted.IsCompleted);

        gate.Close();
        await Assert.ThrowsAsync<DrainRefusedException>(() => resume.SoonAsync());
        await node.AdvanceAsync(TimeSpan.Zero);

        await busy.Transport.Aborted.SoonAsync();
        Assert.Equal(1, (await node.Server.WhenDrained.SoonAsync()).Stragglers);
    }

    [Fact]
    public async Task A_drained_node_stays_drained()
    {
        await _node.DrainUntilAsync(NodePhase.Drained);
        var drained = _node.Server.WhenDrained;

        await AssertRefusedAsync(NodePhase.Drained);

        Assert.Same(drained, _node.Server.WhenDrained);
        Assert.Equal(DrainPhase.Drained, (await _node.Server.StatusAsync()).Drain!.Phase);
    }

    [Fact]
    public async Task A_suspended_node_stays_suspended()
    {
        await _node.Server.SuspendAsync();

        await AssertRefusedAsync(NodePhase.Serving);

        Assert.Equal(1, _node.Gate.CloseCalls);
        Assert.False((await _node.Server.SuspendAsync()).Accepting);
    }

    [Theory]
    [InlineData(NodePhase.Draining)]
    [InlineData(NodePhase.Drained)]
    public async Task A_second_try_when_the_port_is_free_again_succeeds(NodePhase phase)
    {
        await _node.BusyAsync();
        await _node.DrainUntilAsync(phase);
        await AssertRefusedAsync(phase);
        _node.Gate.OpenFailure = null;

        await _node.Server.ResumeAsync();

        await _node.AssertServesAsync();
    }

    [Fact]
    public async Task In_LameDuck_no_port_is_opened_and_none_can_fail()
    {
        await _node.DrainUntilAsync(NodePhase.LameDuck);

        await _node.Server.ResumeAsync();

        await _node.AssertServesAsync();
    }

    private async Task AssertRefusedAsync(NodePhase phase)
    {
        var refused = await Assert.ThrowsAsync<DrainRefusedException>(() => _node.Server.ResumeAsync());
        Assert.Equal(Sentence, refused.Message);
        var status = await _node.Server.StatusAsync();
        Assert.Equal((phase, false, false), (status.Phase, status.Accepting, status.Ready));
    }
}
