using ActorServer.Core;
using Akka.Actor;

namespace ActorServer.Actors;

/// <summary>Owns the state of one connection; only it may close or abort it.</summary>
/// <remarks>Hears: that its cell has news; announce, close and abort from the supervisor. Tells: its cell, to the supervisor.
/// Dies: when its transport has closed; in a drain, when the supervisor lets it go. If it crashes, its successor goes on from the cell, where nothing is lost.</remarks>
internal sealed partial class ConnectionActor(ConnectionCell cell, NodeSetup setup) : UntypedActor
{
    protected override void PreStart()
    {
        cell.Assign(Self);
        StartAgeTimer();
        if (cell.Introduce())
        {
            setup.Observers.Tell(cell.Id, from: null, ConnectionState.New, cell.AcceptedAt);
            CatchUp();
        }
        else
        {
            // The successor of one that was stopped.
            Self.Tell(GoOn.Instance, Self);
        }
    }

    // Purposefully not the default, which would run PostStop: this actor goes on, only its instance is a new one. By mail, so that
    // what fails again is an ordinary crash; and then not at once, should a transport always fail: what is unread is read all the same.
    protected override void PreRestart(Exception reason, object? message)
    {
        _quietTimer?.Cancel();
        _ageTimer?.Cancel();
        Self.Tell(message is GoOn ? Look.Instance : GoOn.Instance, Self);
        if (message is not null)
        {
            // Without one it was the supervisor that failed, and has said so.
            setup.Log.ConnectionRestarted(reason, cell.Id);
        }
    }

    // Purposefully not the default, which would run PreStart.
    protected override void PostRestart(Exception reason)
    {
        StartAgeTimer();
        if (cell.CloseOrder is not null)
        {
            StartQuietTimer(FailureRetry);
        }
    }

    protected override void PostStop()
    {
        _quietTimer?.Cancel();
        _ageTimer?.Cancel();
        if (cell.State != ConnectionState.Closed)
        {
            // Stopped by somebody else: the connection lives on, and the supervisor gives it another actor.
            Context.Parent.Tell(new Orphaned(cell), Self);
        }
    }

    protected override void OnReceive(object message)
    {
        // The news first: nothing that is asked may meet a state that has passed.
        CatchUp();
        switch (message)
        {
            case Look:
                break;
            case GoOn:
                OnGoOn();
                break;
            case Announce:
                Hear(ConnectionSignal.Drain);
                break;
            case Withdraw when cell.Machine is { Draining: false, Closing: true }:
                // It was told nothing by a drain; an operator's close stands.
                break;
            case Withdraw:
                _quietTimer?.Cancel();
                cell.CloseOrder = null;
                Hear(ConnectionSignal.Resume);
                EndByAge();
                break;
            case CloseOrder order:
                cell.CloseOrder = order.Join(cell.CloseOrder);
                Hear(ConnectionSignal.Close);
                break;
            case AbortOrder order:
                cell.AbortedBy ??= order.Reason;
                Hear(ConnectionSignal.Abort);
                break;
            case Leave:
                Context.Stop(Self);
                break;
            case QuietTick:
                OnQuietTick();
                break;
            case AgeTick:
                OnAgeTick();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    // Whatever a crash interrupted, or a predecessor was told, is done again; the transport does not mind.
    private void OnGoOn()
    {
        if (cell.State != cell.Machine.State)
        {
            Publish(cell.State, cell.Machine.State);
        }

        Report();
        if (cell.State == ConnectionState.Closed)
        {
            Context.Stop(Self);
            return;
        }

        if (cell.AbortedBy is not null)
        {
            Hear(ConnectionSignal.Abort);
        }

        if (cell.Machine.Draining || cell.Machine.Closing)
        {
            Perform(ConnectionEffect.Announce);
        }

        if (cell.CloseOrder is not null)
        {
            Hear(ConnectionSignal.Close);
        }
    }

    private void CatchUp()
    {
        cell.Heard();
        var activity = cell.Activity;
        var seen = cell.Seen;
        while (activity.TryNext(ref seen, out var signal))
        {
            cell.Seen = seen;
            Hear(signal);
        }
    }

    private void Hear(ConnectionSignal signal)
    {
        var before = cell.Machine;
        var step = before.On(signal);
        if (step.Impossible)
        {
            setup.Log.ImpossibleSignal(cell.Id, before.State, signal);
            return;
        }

        cell.Machine = step.Next;
        if (step.Next.State != before.State)
        {
            Publish(before.State, step.Next.State);
        }

        Perform(step.Effect);
    }

    private void Publish(ConnectionState from, ConnectionState to)
    {
        var now = setup.Time.GetUtcNow();
        cell.Publish(to, now);
        setup.Log.Transition(cell.Id, from, to);
        setup.Observers.Tell(cell.Id, from, to, now);
        Report();
        if (to == ConnectionState.Closed && !cell.IsLetGo)
        {
            Context.Stop(Self);
        }
    }

    private void Report()
    {
        if (cell.ShouldReport())
        {
            Context.Parent.Tell(cell);
        }
    }

    private void Perform(ConnectionEffect effect)
    {
        switch (effect)
        {
            case ConnectionEffect.None:
                break;
            case ConnectionEffect.Announce:
                cell.Transport.Announce();
                break;
            case ConnectionEffect.Withdraw:
                cell.Transport.Withdraw();
                break;
            case ConnectionEffect.AwaitQuiet:
                OnQuietTick();
                break;
            case ConnectionEffect.RequestClose:
                RequestClose();
                break;
            case ConnectionEffect.Abort:
                cell.Transport.Abort(cell.AbortedBy switch
                {
                    EndReason.DrainAborted => "The node is draining and the deadline has come.",
                    EndReason.AgeAborted => "The connection has reached its age, and the grace of that is over.",
                    _ => "The connection was aborted by an operator.",
                });
                break;
        }
    }
}
