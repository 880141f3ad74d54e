using ActorServer.Core;

namespace ActorServer.Core.Tests.Drain;

/// <summary>Walks every value a node's machine can reach, with every signal.</summary>
public sealed class NodeWalk
{
    private static readonly IReadOnlyList<(Node Before, NodeSignal Signal, NodeStep Step)> Steps = Walk();

    [Fact]
    public void Every_reachable_value_answers_every_signal()
        => Assert.Equal(Enum.GetValues<NodePhase>(), Steps.Select(s => s.Before.Phase).Distinct().Order());

    [Fact]
    public void Only_a_resume_goes_back()
        => Assert.All(
            Steps.Where(s => s.Signal != NodeSignal.Resume), s => Assert.True(s.Step.Next.Phase >= s.Before.Phase));

    [Fact]
    public void A_resume_leads_from_anywhere_to_a_node_as_it_started()
        => Assert.All(Steps.Where(s => s.Signal == NodeSignal.Resume), s => Assert.Equal(Node.Started, s.Step.Next));

    [Fact]
    public void A_drain_is_completed_once()
        => Assert.All(
            Steps.Where(s => s.Step.Effects.HasFlag(NodeEffects.Complete)),
            s =>
            {
                Assert.NotEqual(NodePhase.Drained, s.Before.Phase);
                Assert.Equal(NodePhase.Drained, s.Step.Next.Phase);
            });

    [Fact]
    public void Nobody_left_ends_a_drain_only_once_the_ports_are_closed()
        => Assert.All(
            Steps.Where(s => s.Signal == NodeSignal.Quiescent && s.Step.Next != s.Before), s => Assert.True(s.Before.PortsClosed));

    [Fact]
    [Trait("Conformance", "20")]
    public void The_ports_close_before_quiet_connections_do()
        => Assert.All(
            Steps.Where(s => s.Step.Effects.HasFlag(NodeEffects.CloseConnections)), s => Assert.True(s.Step.Next.PortsClosed));

    [Fact]
    [Trait("Conformance", "83")]
    public void A_lame_duck_keeps_its_ports_and_leaves_quiet_connections_alone()
    {
        var step = Node.Started.On(NodeSignal.Drain);

        Assert.Equal(NodePhase.LameDuck, step.Next.Phase);
        Assert.Equal(NodeEffects.Announce, step.Effects);
        Assert.Equal(NodeEffects.ClosePorts, step.Next.On(NodeSignal.LameDuckElapsed).Effects);
    }

    [Fact]
    public void A_suspended_node_serves_and_its_drain_closes_the_ports_all_the_same()
    {
        var suspended = Node.Started.On(NodeSignal.Suspend).Next.On(NodeSignal.PortsClosed).Next;
        Assert.Equal((NodePhase.Serving, true, true), (suspended.Phase, suspended.PortsClosed, suspended.Suspended));

        var draining = suspended.On(NodeSignal.Drain).Next.On(NodeSignal.LameDuckElapsed);

        Assert.False(draining.Next.PortsClosed);
        Assert.Equal(NodeEffects.ClosePorts, draining.Effects);
    }

    [Fact]
    public void A_drain_without_a_budget_cuts_at_once()
    {
        var step = Node.Started.On(NodeSignal.Drain).Next.On(NodeSignal.AbortDue);

        Assert.Equal(NodeEffects.ClosePorts | NodeEffects.AbortConnections, step.Effects);
        Assert.True(step.Next.Aborting);
        Assert.Equal(NodeEffects.AbortConnections, step.Next.On(NodeSignal.PortsClosed).Effects);
    }

    private static List<(Node, NodeSignal, NodeStep)> Walk()
    {
        HashSet<Node> seen = [Node.Started];
        Queue<Node> toWalk = new(seen);
        List<(Node, NodeSignal, NodeStep)> steps = [];
        while (toWalk.TryDequeue(out var node))
        {
            foreach (var signal in Enum.GetValues<NodeSignal>())
            {
                var step = node.On(signal);
                steps.Add((node, signal, step));
                if (seen.Add(step.Next))
                {
                    toWalk.Enqueue(step.Next);
                }
            }
        }

        return steps;
    }
}
