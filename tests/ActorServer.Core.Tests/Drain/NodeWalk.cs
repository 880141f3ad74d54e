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
    public void Nobody_ends_a_drain_without_its_last_word()
        => Assert.All(
            Steps.Where(s => s.Before.Phase != NodePhase.Drained && s.Step.Next.Phase == NodePhase.Drained),
            s => Assert.True(s.Step.Effects.HasFlag(NodeEffects.Complete)));

    [Fact]
    public void A_drained_node_does_nothing_more_until_it_is_resumed()
        => Assert.All(
            Steps.Where(s => s.Before.Phase == NodePhase.Drained && s.Signal != NodeSignal.Resume),
            s => Assert.Equal((NodePhase.Drained, NodeEffects.None), (s.Step.Next.Phase, s.Step.Effects)));

    [Fact]
    public void Whoever_asks_for_closed_ports_waits_to_hear_that_they_are()
        => Assert.All(
            Steps.Where(s => s.Step.Effects.HasFlag(NodeEffects.ClosePorts) && s.Step.Next.Phase != NodePhase.Drained),
            s => Assert.False(s.Step.Next.PortsClosed));

    [Fact]
    public void The_close_is_announced_when_a_drain_begins_and_taken_back_when_it_is_called_off()
        => Assert.All(
            Steps,
            s =>
            {
                var (begins, ends) = (
                    s.Before.Phase == NodePhase.Serving && s.Step.Next.Phase != NodePhase.Serving,
                    s.Before.Phase != NodePhase.Serving && s.Step.Next.Phase == NodePhase.Serving);
                Assert.Equal(begins, s.Step.Effects.HasFlag(NodeEffects.Announce));
                Assert.Equal(ends, s.Step.Effects.HasFlag(NodeEffects.Withdraw));
            });

    [Fact]
    public void Connections_are_cut_only_at_the_end_of_a_drain_and_from_then_on()
        => Assert.All(
            Steps,
            s =>
            {
                Assert.True(s.Step.Next.Aborting || !s.Step.Effects.HasFlag(NodeEffects.AbortConnections));
                Assert.True(s.Step.Next.Aborting || !s.Before.Aborting || s.Signal == NodeSignal.Resume);
                Assert.True(!s.Step.Next.Aborting || s.Step.Next.Phase is NodePhase.Draining or NodePhase.Drained);
                Assert.False(s.Step.Effects.HasFlag(NodeEffects.AbortConnections | NodeEffects.CloseConnections));
            });

    [Fact]
    [Trait("Conformance", "59")]
    public void What_the_deadline_finds_is_cut()
        => Assert.All(
            Steps.Where(s => s.Signal == NodeSignal.DeadlinePassed && s.Step.Next != s.Before),
            s => Assert.Equal(
                NodeEffects.AbortConnections | NodeEffects.Complete
                    | (s.Before.Phase == NodePhase.LameDuck ? NodeEffects.ClosePorts : NodeEffects.None),
                s.Step.Effects));

    [Fact]
    [Trait("Conformance", "68")]
    [Trait("Conformance", "71")]
    public void A_second_drain_changes_the_plan_and_not_the_phase()
        => Assert.All(
            Steps.Where(s => s.Signal == NodeSignal.Drain && s.Before.Phase != NodePhase.Serving),
            s => Assert.Equal(new NodeStep(s.Before, NodeEffects.None), s.Step));

    [Fact]
    public void Every_drain_ends_at_its_deadline_or_when_nobody_is_left()
        => Assert.All(
            Steps.Select(s => s.Before).Where(n => n.Phase is NodePhase.LameDuck or NodePhase.Draining).Distinct(),
            n =>
            {
                var closed = n.On(NodeSignal.LameDuckElapsed).Next.On(NodeSignal.PortsClosed).Next;
                Assert.Equal(NodePhase.Drained, n.On(NodeSignal.DeadlinePassed).Next.Phase);
                Assert.Equal(NodePhase.Drained, closed.On(NodeSignal.Quiescent).Next.Phase);
            });

    [Fact]
    public void A_node_that_serves_cannot_be_drained_by_late_timers()
        => Assert.All(
            new[] { NodeSignal.LameDuckElapsed, NodeSignal.AbortDue, NodeSignal.DeadlinePassed, NodeSignal.Quiescent },
            signal => Assert.Equal(new NodeStep(Node.Started, NodeEffects.None), Node.Started.On(signal)));

    [Fact]
    public void A_suspend_closes_the_ports_once_and_a_drain_needs_none()
    {
        var suspended = Node.Started.On(NodeSignal.Suspend);

        Assert.Equal(NodeEffects.ClosePorts, suspended.Effects);
        Assert.Equal(new NodeStep(suspended.Next, NodeEffects.None), suspended.Next.On(NodeSignal.Suspend));
        Assert.All(
            Steps.Where(s => s.Signal == NodeSignal.Suspend && s.Before.Phase != NodePhase.Serving),
            s => Assert.Equal(new NodeStep(s.Before, NodeEffects.None), s.Step));
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
