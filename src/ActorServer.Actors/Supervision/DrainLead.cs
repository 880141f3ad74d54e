using System.Globalization;
using ActorServer.Core;
using Akka.Actor;

namespace ActorServer.Actors;

/// <summary>Leads a node's drain for the supervisor: feeds the node's machine, and carries out its effects.</summary>
internal sealed class DrainLead(Ledger ledger, NodeSetup setup, IActorRef self, ITimerScheduler timers)
{
    private readonly DrainTimers _timers = new(ledger, setup, timers);
    private readonly Sweep _sweep = new(ledger, setup);

    private DateTimeOffset Now => setup.Time.GetUtcNow();

    /// <summary>Begins a drain, or joins the one that runs.</summary>
    public DrainAnswer Begin(DrainRequest request)
    {
        var plan = DrainPlan.From(setup.Drain, request, Now);
        var reason = request.Reason ?? "no reason given";
        if (ledger.Node.Phase == NodePhase.Serving)
        {
            var id = (ledger.Drain?.Id ?? 0) + 1;
            ledger.Drain = new(
                id, request.Trigger, request.Reason, plan, ledger.Connections.Count, IsBinding: request.IsBinding);
            setup.Log.DrainAccepted(
                id, request.Trigger, reason, ledger.Connections.Count, plan.LameDuckUntil, Text(plan.Deadline));
            _timers.Start();
            var effects = Turn(NodeSignal.Drain);
            if (plan.LameDuckUntil > plan.StartedAt)
            {
                SayWaiting();
            }
            else
            {
                // Not by its timer: a tick of it is long enough to close a thousand connections.
                effects |= Turn(NodeSignal.LameDuckElapsed);
                if (plan.AbortAt <= plan.StartedAt)
                {
                    effects |= Turn(NodeSignal.AbortDue);
                }
            }

            Perform(effects);
        }
        else
        {
            ledger.Drain = ledger.Drain! with { IsBinding = ledger.Drain.IsBinding || request.IsBinding };
            if (ledger.IsDraining)
            {
                Join(ledger.Drain.Plan.Join(plan, request.Extend));
                setup.Log.DrainJoined(ledger.Drain.Id, request.Trigger, reason, Text(ledger.Drain.Plan.Deadline));
            }
        }

        return new(ledger.Report(Now), ledger.WhenDrained, Refusal: null);
    }

    /// <summary>Why the node cannot be resumed; null when it can.</summary>
    public string? ResumeRefusal()
        => ledger is { Node.Phase: not NodePhase.Serving, Drain: { IsBinding: true } drain }
            ? $"Drain {drain.Id} cannot be called off: the process ends."
            : null;

    /// <summary>The node serves again: its ports are open.</summary>
    public void Resume()
    {
        _timers.Cancel();
        ledger.Epoch++;
        ledger.OwesRecovery = false;
        ledger.IsClosingPorts = false;
        if (ledger.Node.Phase != NodePhase.Serving)
        {
            ledger.CancelDrain(Now);
        }

        setup.Log.Resumed(ledger.Node.Phase);
        Hear(NodeSignal.Resume);
    }

    /// <summary>Feeds the machine, and does what it asks.</summary>
    public void Hear(NodeSignal signal) => Perform(Turn(signal));

    private NodeEffects Turn(NodeSignal signal)
    {
        var before = ledger.Node.Phase;
        var step = ledger.Node.On(signal);
        ledger.Node = step.Next;
        if (step.Next.Phase != before)
        {
            setup.Log.PhaseEntered(step.Next.Phase, ledger.Connections.Count);
            setup.Observers.Tell(before, step.Next.Phase, Now);
            if (step.Next.Phase == NodePhase.Draining)
            {
                SayWaiting();
            }
        }

        return step.Effects;
    }

    /// <summary>The ports are closed.</summary>
    public void HearPortsClosed()
    {
        ledger.IsClosingPorts = false;
        if (ledger.Pending is Actors.Resume)
        {
            // Nobody is told to go while the ports may open again; if they do not, the drain goes on from here.
            ledger.Node = ledger.Node.On(NodeSignal.PortsClosed).Next;
            ledger.OwesRecovery = true;
            return;
        }

        Hear(NodeSignal.PortsClosed);
        HearIfQuiescent();
    }

    /// <summary>The end is an event: called when somebody who was waited for has gone.</summary>
    public void HearIfQuiescent()
    {
        if (ledger.IsQuiescent)
        {
            Hear(NodeSignal.Quiescent);
        }
    }

    /// <summary>A connection that comes while the node drains is told what all others were told.</summary>
    public void Tell(IActorRef connection) => _sweep.Tell(connection);

    /// <summary>Tells every connection's actor.</summary>
    public void TellAll(object message) => _sweep.TellAll(message);

    /// <summary>No phase ends by itself until the drain goes on.</summary>
    public void Pause() => _timers.Cancel();

    /// <summary>Starts the timers again after a crash.</summary>
    public void RecoverTimers() => _timers.Recover();

    /// <summary>Goes on after a crash. Whatever it may have interrupted is done again; nobody minds.</summary>
    public void Recover()
    {
        if (ledger.Pending is Actors.Resume)
        {
            // Nor is anything closed.
            ledger.OwesRecovery = true;
            return;
        }

        Perform(ledger.Node.Phase switch
        {
            NodePhase.Serving => ledger.Node is { Suspended: true, PortsClosed: false } ? ClosePortsAgain() : NodeEffects.Withdraw,
            NodePhase.LameDuck => NodeEffects.Announce,
            NodePhase.Draining => NodeEffects.Announce
                | (ledger.Node.PortsClosed ? NodeEffects.CloseConnections : ClosePortsAgain())
                | (ledger.Node.Aborting ? NodeEffects.AbortConnections : NodeEffects.None),
            NodePhase.Drained => ledger.WhenDrained.IsCompleted ? NodeEffects.None : NodeEffects.Complete,
        });
        HearIfQuiescent();
    }

    // The word of a closing under way comes by mail, whatever crashes meanwhile.
    private NodeEffects ClosePortsAgain() => ledger.IsClosingPorts ? NodeEffects.None : NodeEffects.ClosePorts;

    /// <summary>Goes on after a resume that failed.</summary>
    public void GoOn()
    {
        _timers.Recover();
        if (ledger.OwesRecovery)
        {
            ledger.OwesRecovery = false;
            Recover();
        }
    }

    /// <summary>Tells the log who is being waited for.</summary>
    public void SayWaiting()
    {
        var report = ledger.Report(Now)!;
        if (report.Blockers.Count > 0)
        {
            setup.Log.DrainWaits(report.Id, report.Remaining, Names(report.Blockers));
        }
    }

    private void Perform(NodeEffects effects)
    {
        if (effects.HasFlag(NodeEffects.ClosePorts))
        {
            // Before anybody is told anything: it takes a while, and goes on by itself.
            var epoch = ++ledger.Epoch;
            // A suspended node has no drain to tell of.
            var drain = setup.Hooks.Any && ledger.Node.Phase != NodePhase.Serving ? ledger.Report(Now) : null;
            ClosePortsAsync(drain).PipeTo(
                self, success: () => new PortsClosed(epoch, null), failure: e => new PortsClosed(epoch, e));
            ledger.IsClosingPorts = true;
        }

        if (effects.HasFlag(NodeEffects.Announce))
        {
            _sweep.TellAll(Announce.Instance);
            setup.Gate.Announce();
        }

        if (effects.HasFlag(NodeEffects.CloseConnections))
        {
            _sweep.Close();
        }

        if (effects.HasFlag(NodeEffects.AbortConnections))
        {
            _sweep.Abort();
        }

        if (effects.HasFlag(NodeEffects.Complete))
        {
            Complete();
        }

        if (effects.HasFlag(NodeEffects.Withdraw))
        {
            setup.Gate.Withdraw();
            _sweep.TellAll(Withdraw.Instance);
        }
    }

    private async Task ClosePortsAsync(DrainReport? drain)
    {
        try
        {
            await setup.Gate.CloseAsync();
        }
        finally
        {
            if (drain is not null)
            {
                await setup.Hooks.OnDrainingAsync(drain);
            }
        }
    }

    private void Join(DrainPlan plan)
    {
        var spread = ledger.Drain!.Plan.Spread;
        ledger.Drain = ledger.Drain with { Plan = plan };
        _timers.Start();
        if (plan.Spread < spread && ledger.Node is { Phase: NodePhase.Draining, PortsClosed: true })
        {
            // Those whose turn is still to come, or never was to, are given an earlier one.
            _sweep.Close();
        }
    }

    private void Complete()
    {
        _timers.Cancel();
        if (ledger.IsDraining)
        {
            ledger.CompleteDrain(Now);
        }

        var drain = ledger.Drain!;
        setup.Log.DrainEnded(
            drain.Id, Now - drain.Plan.StartedAt, drain.Initial, drain.Closed, drain.Completed, drain.Aborted, drain.Stragglers);
        var report = ledger.Report(Now)!;
        var end = ledger.End;
        if (setup.Hooks.Any)
        {
            setup.Hooks.OnDrainedAsync(report).PipeTo(
                self, success: () => new DrainedHeard(report, end), failure: _ => new DrainedHeard(report, end));
        }
        else
        {
            end.TrySetResult(report);
        }
    }

    /// <summary>The first of them, in words.</summary>
    public static string Names(IReadOnlyList<Blocker> blockers)
        => string.Join(", ", blockers.Take(5).Select(b => $"{b.Id} ({b.State}{(b.Method is null ? "" : $", {b.Method} {b.Path}")})"))
            + (blockers.Count > 5 ? $" and {blockers.Count - 5} more" : "");

    private static string Text(DateTimeOffset? instant) => instant?.ToString("O", CultureInfo.InvariantCulture) ?? "never";
}
