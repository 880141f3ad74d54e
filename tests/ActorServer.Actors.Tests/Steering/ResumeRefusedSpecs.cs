using ActorServer.Core;
using ActorServer.TestKit;

namespace ActorServer.Actors.Tests.Steering;

/// <summary>A drain whose process ends cannot be called off.</summary>
[Trait("Conformance", "82")]
public sealed class ResumeRefusedSpecs : IAsyncDisposable
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(20);

    private readonly VirtualNode _node = VirtualNode.Start(
        new() { Budget = Budget, LameDuck = TimeSpan.FromSeconds(5) });

    public static TheoryData<DrainTrigger, NodePhase> Binding
        => Pairs(DrainTrigger.Signal, DrainTrigger.Host, DrainTrigger.ClusterLeave);

    public static TheoryData<DrainTrigger, NodePhase> Free
        => Pairs(DrainTrigger.Api, DrainTrigger.Message, DrainTrigger.Code);

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Theory]
    [MemberData(nameof(Binding))]
    public async Task By_a_signal_a_stopping_host_and_a_leaving_node(DrainTrigger trigger, NodePhase phase)
    {
        await _node.BusyAsync();
        await _node.DrainUntilAsync(phase, trigger);

        await AssertRefusedAsync(phase);
    }

    [Theory]
    [MemberData(nameof(Binding))]
    public async Task Also_when_the_process_is_to_end_during_another_drain(DrainTrigger trigger, NodePhase phase)
    {
        await _node.BusyAsync();
        await _node.DrainUntilAsync(phase);
        await _node.Server.BeginDrainAsync(new(trigger));

        await AssertRefusedAsync(phase);
    }

    [Theory]
    [MemberData(nameof(Free))]
    public async Task But_not_for_a_drain_that_was_asked_for(DrainTrigger trigger, NodePhase phase)
    {
        await _node.BusyAsync();
        await _node.DrainUntilAsync(phase, trigger);

        await _node.Server.ResumeAsync();

        await _node.AssertServesAsync();
    }

    [Fact]
    public async Task A_drain_that_joins_one_that_binds_does_not_free_it()
    {
        await _node.BusyAsync();
        await _node.DrainUntilAsync(NodePhase.LameDuck, DrainTrigger.Signal);
        await _node.Server.BeginDrainAsync(new(DrainTrigger.Api, Extend: true));

        await AssertRefusedAsync(NodePhase.LameDuck);
    }

    [Fact]
    public async Task A_drain_that_was_called_off_binds_nobody_afterwards()
    {
        await _node.DrainUntilAsync(NodePhase.LameDuck);
        await _node.Server.ResumeAsync();
        await _node.Server.SuspendAsync();

        await _node.Server.ResumeAsync();

        await _node.AssertServesAsync();
    }

    private static TheoryData<DrainTrigger, NodePhase> Pairs(params DrainTrigger[] triggers)
    {
        TheoryData<DrainTrigger, NodePhase> pairs = [];
        foreach (var trigger in triggers)
        {
            pairs.Add(trigger, NodePhase.LameDuck);
            pairs.Add(trigger, NodePhase.Draining);
            pairs.Add(trigger, NodePhase.Drained);
        }

        return pairs;
    }

    private async Task AssertRefusedAsync(NodePhase phase)
    {
        var openings = _node.Gate.OpenCalls;

        var refused = await Assert.ThrowsAsync<DrainRefusedException>(() => _node.Server.ResumeAsync());

        Assert.Equal("Drain 1 cannot be called off: the process ends.", refused.Message);
        var status = await _node.Server.StatusAsync();
        Assert.Equal((phase, phase == NodePhase.LameDuck, false), (status.Phase, status.Accepting, status.Ready));
        Assert.Equal((openings, true), (_node.Gate.OpenCalls, _node.Gate.Announced));
        // Its phases end as they would have.
        await _node.AdvanceAsync(TimeSpan.FromSeconds(5));
        await _node.AdvanceAsync(Budget);
        Assert.Equal(DrainPhase.Drained, (await _node.Server.WhenDrained.SoonAsync()).Phase);
    }
}
