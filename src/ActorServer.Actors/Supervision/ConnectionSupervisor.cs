using ActorServer.Core;
using Akka.Actor;

namespace ActorServer.Actors;

/// <summary>Keeps the whole picture of a node's connections, and leads its drain.</summary>
/// <remarks>Hears: cells with news, from the front end (an accept) and from connection actors; verbs and questions; its phase
/// timers. Tells: announce, close and abort to connection actors; the gate. Dies: with the actor system. If it crashes, its
/// successor goes on from the ledger, and no connection actor is stopped.</remarks>
internal sealed class ConnectionSupervisor(Ledger ledger, NodeSetup setup) : UntypedActor, IWithTimers
{
    public ITimerScheduler Timers { get; set; } = null!;

    private DateTimeOffset Now => setup.Time.GetUtcNow();

    protected override SupervisorStrategy SupervisorStrategy()
        => new OneForOneStrategy(maxNrOfRetries: -1, withinTimeMilliseconds: -1, static _ => Directive.Restart);

    // Purposefully not the default, which would stop every connection actor.
    protected override void PreRestart(Exception reason, object message)
    {
        Timers.CancelAll();
        // The message that met the crash is heard once more; one that fails twice is given up.
        if (message is Retry { Message: ConnectionCell cell } && !ledger.Connections.TryGet(cell.Id, out _))
        {
            // Nobody would ever own it.
            cell.Transport.Abort("The connection could not be registered.");
        }
        else if (message is not (null or Retry))
        {
            Self.Tell(new Retry(message), Sender);
        }
    }

    protected override void PostRestart(Exception reason)
    {
        setup.Log.SupervisorRestarted(reason, ledger.Connections.Count);
        ledger.Connections.Recount();
        if (ledger.IsDraining)
        {
            StartTimers();
            Perform(StandingEffects());
        }
    }

    protected override void OnReceive(object message)
    {
        switch (message is Retry retry ? retry.Message : message)
        {
            case ConnectionCell cell:
                OnNews(cell);
                break;
            case BeginDrain begin:
                OnDrain(begin.Request);
                break;
            case PhaseTick tick when tick.DrainId == ledger.Drain?.Id:
                Hear(tick.Signal);
                break;
            case PhaseTick:
                // Late mail is normal here: the drain it belongs to is over.
                break;
            case PortsClosed closed:
                OnPortsClosed(closed);
                break;
            case GetStatus:
                Sender.Tell(ledger.Status(setup.Node, setup.Gate.Accepting, Now));
                break;
            case ListConnections list:
                Sender.Tell(ledger.Page(list.Query, Now));
                break;
            case GetConnection get:
                Sender.Tell(new ConnectionFound(Find(get.Id)));
                break;
            case CommandConnection command:
                Sender.Tell(OnCommand(command));
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void OnNews(ConnectionCell cell)
    {
        // Before its state is read, so that whatever it publishes after the reading is reported again.
        cell.Reported();
        if (ledger.Connections.TryGet(cell.Id, out _))
        {
            Update(cell);
        }
        else if (cell.State != ConnectionState.Closed && ledger.Connections.TryAdd(cell))
        {
            ledger.Accepted();
            Adopt(cell, cell.Id);
        }
    }

    private void Update(ConnectionCell cell)
    {
        ledger.Connections.Update(cell);
        if (cell.State == ConnectionState.Closed)
        {
            ledger.Close(cell);
            HearIfQuiescent();
        }
        else if (cell.Owner is null)
        {
            // Its actor was stopped by somebody. The old name is still taken for a moment.
            Adopt(cell, $"{cell.Id}~{Guid.NewGuid():N}");
        }
    }

    private void Adopt(ConnectionCell cell, string name)
    {
        try
        {
            var actor = Context.ActorOf(Props.Create(() => new ConnectionActor(cell, setup)), name);
            // At once, so that what is told to all owners from now on reaches this one.
            cell.Assign(actor);
            TellPhase(actor);
        }
#pragma warning disable CA1031 // Whatever keeps an actor from being made, its connection must not hang unowned.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            setup.Log.ActorNotMade(exception, cell.Id);
            cell.Transport.Abort("The connection's actor could not be made.");
        }
    }

    // A connection that comes while the node drains is told at once what all others were told.
    private void TellPhase(IActorRef actor)
    {
        if (ledger.Node.Phase == NodePhase.Serving)
        {
            return;
        }

        actor.Tell(Announce.Instance);
        if (ledger.Node.Aborting)
        {
            actor.Tell(new AbortOrder(EndReason.DrainAborted));
        }
        else if (ledger.Node.PortsClosed)
        {
            actor.Tell(Order(Now));
        }
    }

    private void OnDrain(DrainRequest request)
    {
        var plan = DrainPlan.From(setup.Drain, request, Now);
        if (ledger.Drain is not { } drain)
        {
            ledger.Drain = new(1, request.Trigger, request.Reason, plan, ledger.Connections.Count);
            setup.Log.DrainAccepted(
                1, request.Trigger, request.Reason ?? "no reason given", ledger.Connections.Count, plan.LameDuckUntil, Text(plan.Deadline));
            StartTimers();
            Hear(NodeSignal.Drain);
        }
        else if (ledger.IsDraining)
        {
            ledger.Drain = drain with { Plan = drain.Plan.Join(plan, request.Extend) };
            setup.Log.DrainJoined(
                drain.Id, request.Trigger, request.Reason ?? "no reason given", Text(ledger.Drain.Plan.Deadline));
            StartTimers();
        }

        Sender.Tell(ledger.Report(Now)!);
    }

    private void OnPortsClosed(PortsClosed closed)
    {
        if (closed.Failure is { } failure)
        {
            setup.Log.PortsNotClosed(failure);
        }

        Hear(NodeSignal.PortsClosed);
        HearIfQuiescent();
    }

    private ConnectionSnapshot? Find(string id)
        => ledger.Connections.TryGet(id, out var cell) ? cell.Snapshot()
        : ledger.Ended.TryGet(id, out var ended) ? ended
        : null;

    private CommandResult OnCommand(CommandConnection command)
    {
        if (!ledger.Connections.TryGet(command.Id, out var cell))
        {
            return ledger.Ended.TryGet(command.Id, out _) ? CommandResult.Gone : CommandResult.Unknown;
        }

        setup.Log.OperatorCommand(command.Abort ? "abort" : "close", command.Id);
        cell.Owner?.Tell(command.Abort
            ? new AbortOrder(EndReason.Aborted)
            : new CloseOrder(Now, IdleGrace: TimeSpan.Zero, SilentGrace: TimeSpan.Zero));
        return CommandResult.Accepted;
    }

    private void HearIfQuiescent()
    {
        if (ledger.Connections.Count == 0)
        {
            Hear(NodeSignal.Quiescent);
        }
    }

    private void Hear(NodeSignal signal)
    {
        var before = ledger.Node.Phase;
        var step = ledger.Node.On(signal);
        ledger.Node = step.Next;
        if (step.Next.Phase != before)
        {
            setup.Log.DrainPhaseEntered(ledger.Drain!.Id, step.Next.Phase, ledger.Connections.Count);
            setup.Observers.Tell(before, step.Next.Phase, Now);
        }

        Perform(step.Effects);
    }

    private void Perform(NodeEffects effects)
    {
        if (effects.HasFlag(NodeEffects.Announce))
        {
            setup.Gate.Announce();
            TellAll(Announce.Instance);
        }

        if (effects.HasFlag(NodeEffects.ClosePorts))
        {
            setup.Gate.CloseAsync().PipeTo(
                Self, success: static () => new PortsClosed(null), failure: static e => new PortsClosed(e));
        }

        if (effects.HasFlag(NodeEffects.CloseConnections))
        {
            CloseConnections();
        }

        if (effects.HasFlag(NodeEffects.AbortConnections))
        {
            AbortConnections();
        }

        if (effects.HasFlag(NodeEffects.Complete))
        {
            Complete();
        }
    }

    // What a crash may have interrupted. All of it is harmless when done twice.
    private NodeEffects StandingEffects() => ledger.Node.Phase switch
    {
        NodePhase.Serving or NodePhase.Drained => NodeEffects.None,
        NodePhase.LameDuck => NodeEffects.Announce,
        NodePhase.Draining => NodeEffects.Announce
            | (ledger.Node.PortsClosed ? NodeEffects.CloseConnections : NodeEffects.ClosePorts)
            | (ledger.Node.Aborting ? NodeEffects.AbortConnections : NodeEffects.None),
    };

    private void CloseConnections()
    {
        var quiet = ledger.Connections.InOrder
            .Where(c => c.State is ConnectionState.New or ConnectionState.Idle).OrderBy(c => c.StateSince).ToList();
        var now = Now;
        var step = quiet.Count == 0 ? TimeSpan.Zero : ledger.Drain!.Plan.Spread / quiet.Count;
        for (var i = 0; i < quiet.Count; i++)
        {
            // Evenly, longest idle first; the jitter keeps the nodes of a fleet from falling into step.
            quiet[i].Owner?.Tell(Order(now + (step * (i + Random.Shared.NextDouble()))));
        }

        var order = Order(now);
        foreach (var cell in ledger.Connections.InOrder.Where(c => c.State is ConnectionState.Active or ConnectionState.Upgraded))
        {
            cell.Owner?.Tell(order);
        }
    }

    private CloseOrder Order(DateTimeOffset notBefore) => new(notBefore, setup.Drain.IdleGrace.Value, setup.Drain.SilentGrace.Value);

    private void AbortConnections()
    {
        if (ledger.Connections.Count > 0)
        {
            setup.Log.DrainAborts(
                ledger.Drain!.Id, ledger.Connections.Count, string.Join(", ", ledger.Connections.InOrder.Take(5).Select(c => c.Id)));
            TellAll(new AbortOrder(EndReason.DrainAborted));
        }
    }

    private void TellAll(object message)
    {
        foreach (var cell in ledger.Connections.InOrder)
        {
            cell.Owner?.Tell(message);
        }
    }

    private void Complete()
    {
        Timers.CancelAll();
        ledger.CompleteDrain(Now);
        var drain = ledger.Drain!;
        setup.Log.DrainEnded(
            drain.Id, Now - drain.Plan.StartedAt, drain.Initial, drain.Closed, drain.Completed, drain.Aborted, drain.Stragglers);
    }

    private void StartTimers()
    {
        var (id, plan) = (ledger.Drain!.Id, ledger.Drain.Plan);
        StartTimer(NodeSignal.LameDuckElapsed, plan.LameDuckUntil);
        StartTimer(NodeSignal.AbortDue, plan.AbortAt);
        StartTimer(NodeSignal.DeadlinePassed, plan.EndAt);

        void StartTimer(NodeSignal signal, DateTimeOffset? at)
        {
            Timers.Cancel(signal);
            if (at is { } due)
            {
                var wait = due - Now;
                Timers.StartSingleTimer(signal, new PhaseTick(id, signal), wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
            }
        }
    }

    private static string Text(DateTimeOffset? instant)
        => instant?.ToString("O", System.Globalization.CultureInfo.InvariantCulture) ?? "never";

    /// <summary>A message that met a crash, heard once more.</summary>
    private sealed record Retry(object Message);
}
