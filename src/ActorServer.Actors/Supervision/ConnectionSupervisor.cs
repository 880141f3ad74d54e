using ActorServer.Core;
using Akka.Actor;

namespace ActorServer.Actors;

/// <summary>Keeps the whole picture of a node's connections, and leads its drain.</summary>
/// <remarks>Hears: cells with news, from the front end (an accept) and from connection actors; verbs and questions; its phase
/// timers. Tells: announce, close and abort to connection actors; the gate. Dies: with the actor system. If it crashes, its
/// successor goes on from the ledger, and no connection actor is stopped.</remarks>
internal sealed class ConnectionSupervisor(Ledger ledger, NodeSetup setup) : UntypedActor, IWithTimers, IWithUnboundedStash
{
    public ITimerScheduler Timers { get; set; } = null!;

    public IStash Stash { get; set; } = null!;

    private DateTimeOffset Now => setup.Time.GetUtcNow();

    // Made when first needed: timers are given to an actor after its construction.
    private DrainLead Drain => field ??= new(ledger, setup, Self, Timers);

    private Spawner Spawner => field ??= new(setup, Context);

    private Verbs Verbs => field ??= new(ledger, setup, Drain, Self, Stash);

    protected override SupervisorStrategy SupervisorStrategy()
        => new OneForOneStrategy(maxNrOfRetries: -1, withinTimeMilliseconds: -1, static _ => Directive.Restart);

    // Purposefully not the default, which would stop every connection actor.
    protected override void PreRestart(Exception reason, object message)
    {
        Timers.CancelAll();
        if (message is not GoOn)
        {
            // By mail, so that what fails again is an ordinary crash: one in the middle of a restart would stop the node.
            Self.Tell(GoOn.Instance, Self);
        }

        // The message that met the crash is heard once more; one that fails twice is given up.
        if (message is Retry { Message: ConnectionCell cell } && !ledger.Connections.TryGet(cell.Id, out _))
        {
            // Nobody would ever own it.
            cell.Transport.Abort("The connection could not be registered.");
        }
        else if (message is not (null or Retry or GoOn))
        {
            Self.Tell(new Retry(message), Sender);
        }
    }

    protected override void PostRestart(Exception reason)
    {
        setup.Log.SupervisorRestarted(reason, ledger.Connections.Count);
        ledger.Connections.Recount();
        Drain.RecoverTimers();
        AwaitLetGo();
    }

    protected override void OnReceive(object message)
    {
        switch (message is Retry retry ? retry.Message : message)
        {
            case ConnectionCell cell:
                OnNews(cell);
                break;
            case Orphaned orphan:
                OnOrphaned(orphan.Cell);
                break;
            case GoOn:
                Drain.Recover();
                break;
            case IVerb verb:
                Verbs.Hear(verb, Sender);
                break;
            case DrainDecided decided:
                Verbs.Hear(decided, Sender);
                break;
            case PortsOpened opened:
                Verbs.Hear(opened, Sender);
                break;
            case PortsClosed closed:
                OnPortsClosed(closed);
                break;
            case PhaseTick tick:
                // Late mail is normal here: the drain it belongs to may be over.
                if (tick.DrainId == ledger.Drain?.Id)
                {
                    Drain.Hear(tick.Signal);
                }

                break;
            case AgeTick:
                // The limit is another one. Whoever is made from now on knows it already.
                Drain.TellAll(AgeTick.Instance);
                break;
            case LetGo:
                OnLetGo();
                break;
            case WaitTick:
                Drain.SayWaiting();
                break;
            case DrainedHeard heard:
                heard.End.TrySetResult(heard.Report);
                break;
            case LeaseChanged change:
                OnLease(change);
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
            Adopt(cell);
        }
    }

    private void Update(ConnectionCell cell)
    {
        // Read once: it may change at any moment, and an end must be counted once.
        var state = cell.State;
        if (state == ConnectionState.Closed)
        {
            // Before it leaves the table, so that it is still there should this fail.
            ledger.Close(cell);
        }

        ledger.Connections.Update(cell, state);
        if (state == ConnectionState.Closed)
        {
            if (cell is { IsLetGo: true, Owner: { } actor })
            {
                ledger.Departures.Add(actor);
                AwaitLetGo();
            }

            Drain.HearIfQuiescent();
        }
    }

    private void OnLetGo()
    {
        // Nobody comes any more, and somebody waits for the last one.
        var isAwaited = ledger.Node.PortsClosed && !ledger.IsQuiescent;
        if (!isAwaited || ledger.Departures.CountNew() < Departures.BatchMax)
        {
            ledger.Departures.LetGo();
            if (ledger.Departures.Any && !isAwaited)
            {
                // Whoever asks in between is answered.
                Self.Tell(LetGo.Instance);
                return;
            }
        }

        // Many are ending, and whoever waits for the last of them would wait for this.
        AwaitLetGo();
    }

    private void AwaitLetGo()
    {
        if (ledger.Departures.Any && !Timers.IsTimerActive(LetGo.Instance))
        {
            Timers.StartSingleTimer(LetGo.Instance, LetGo.Instance, LetGo.Interval);
        }
    }

    private void OnOrphaned(ConnectionCell cell)
    {
        // Unless it has closed in the meantime, or has another already.
        if (ledger.Connections.TryGet(cell.Id, out _) && cell.State != ConnectionState.Closed && Sender.Equals(cell.Owner))
        {
            Adopt(cell);
        }
    }

    private void Adopt(ConnectionCell cell)
    {
        if (Spawner.TrySpawn(cell, out var actor))
        {
            // At once, so that what is told to all owners from now on reaches this one.
            cell.Assign(actor);
            Drain.Tell(actor);
        }
        else
        {
            GiveUp(cell);
        }
    }

    // Nobody will ever own the connection, so its end is counted here.
    private void GiveUp(ConnectionCell cell)
    {
        var from = cell.State;
        cell.Aborted();
        cell.Publish(ConnectionState.Closed, Now);
        if (!cell.Introduce())
        {
            setup.Observers.Tell(cell.Id, from, ConnectionState.Closed, cell.StateSince);
        }

        Update(cell);
        cell.Transport.Abort("The connection's actor could not be made.");
    }

    private void OnPortsClosed(PortsClosed closed)
    {
        if (closed.Failure is { } failure)
        {
            setup.Log.PortsNotClosed(failure);
        }

        if (closed.Epoch == ledger.Epoch)
        {
            Drain.HearPortsClosed();
        }
    }

    private void OnLease(LeaseChanged change)
    {
        if (change.Taken)
        {
            ledger.Leases.Add(change.Lease);
        }
        else if (ledger.Leases.Remove(change.Lease))
        {
            Drain.HearIfQuiescent();
        }
    }

    private ConnectionSnapshot? Find(string id)
        => ledger.Connections.TryGet(id, out var cell) || ledger.Ended.TryGet(id, out cell) ? cell.Snapshot() : null;

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

    /// <summary>A message that met a crash, heard once more.</summary>
    private sealed record Retry(object Message);
}
