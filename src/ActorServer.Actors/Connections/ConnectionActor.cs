using ActorServer.Core;
using Akka.Actor;

namespace ActorServer.Actors;

/// <summary>Owns the state of one connection; only it may close or abort it.</summary>
/// <remarks>Hears: that its cell has news; announce, close and abort from the supervisor. Tells: its cell, to the supervisor.
/// Dies: when its transport has closed; in a drain, when the supervisor lets it go. If it crashes, its successor goes on from the cell, where nothing is lost.</remarks>
internal sealed partial class ConnectionActor : ActorBase
{
    // Akka keeps a delegate for each actor, and calls it; this one keeps none of its own, and is called itself.
    private static readonly Receive Unused = static _ => true;

    private readonly ConnectionCell _cell;
    private readonly NodeSetup _setup;

    public ConnectionActor(ConnectionCell cell, NodeSetup setup)
    {
        (_cell, _setup) = (cell, setup);
        Become(Unused);
    }

    protected override bool AroundReceive(Receive receive, object message)
    {
        var known = Receive(message);
        if (!known)
        {
            Unhandled(message);
        }

        return known;
    }

    protected override void PreStart()
    {
        _cell.Assign(Self);
        StartAgeTimer();
        if (_cell.Introduce())
        {
            _setup.Observers.Tell(_cell.Id, from: null, ConnectionState.New, _cell.AcceptedAt);
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
            _setup.Log.ConnectionRestarted(reason, _cell.Id);
        }
    }

    // Purposefully not the default, which would run PreStart.
    protected override void PostRestart(Exception reason)
    {
        StartAgeTimer();
        if (_cell.CloseOrder is not null)
        {
            StartQuietTimer(FailureRetry);
        }
    }

    protected override void PostStop()
    {
        _quietTimer?.Cancel();
        _ageTimer?.Cancel();
        if (_cell.State != ConnectionState.Closed)
        {
            // Stopped by somebody else: the connection lives on, and the supervisor gives it another actor.
            Context.Parent.Tell(new Orphaned(_cell), Self);
        }
    }

    protected override bool Receive(object message)
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
            case Withdraw when _cell.Machine is { Draining: false, Closing: true }:
                // It was told nothing by a drain; an operator's close stands.
                break;
            case Withdraw:
                _quietTimer?.Cancel();
                _cell.CloseOrder = null;
                Hear(ConnectionSignal.Resume);
                EndByAge();
                break;
            case CloseOrder order:
                _cell.CloseOrder = order.Join(_cell.CloseOrder);
                Hear(ConnectionSignal.Close);
                break;
            case AbortOrder order:
                _cell.AbortedBy ??= order.Reason;
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
                return false;
        }

        return true;
    }

    // Whatever a crash interrupted, or a predecessor was told, is done again; the transport does not mind.
    private void OnGoOn()
    {
        if (_cell.State != _cell.Machine.State)
        {
            Publish(_cell.State, _cell.Machine.State);
        }

        Report();
        if (_cell.State == ConnectionState.Closed)
        {
            Context.Stop(Self);
            return;
        }

        if (_cell.AbortedBy is not null)
        {
            Hear(ConnectionSignal.Abort);
        }

        if (_cell.Machine.Draining || _cell.Machine.Closing)
        {
            Perform(ConnectionEffect.Announce);
        }

        if (_cell.CloseOrder is not null)
        {
            Hear(ConnectionSignal.Close);
        }
    }

    private void CatchUp()
    {
        _cell.Heard();
        var activity = _cell.Activity;
        var seen = _cell.Seen;
        while (activity.TryNext(ref seen, out var signal))
        {
            _cell.Seen = seen;
            Hear(signal);
        }
    }

    private void Hear(ConnectionSignal signal)
    {
        var before = _cell.Machine;
        var step = before.On(signal);
        if (step.Impossible)
        {
            _setup.Log.ImpossibleSignal(_cell.Id, before.State, signal);
            return;
        }

        _cell.Machine = step.Next;
        if (step.Next.State != before.State)
        {
            Publish(before.State, step.Next.State);
        }

        Perform(step.Effect);
    }

    private void Publish(ConnectionState from, ConnectionState to)
    {
        var now = _setup.Time.GetUtcNow();
        _cell.Publish(to, now);
        _setup.Log.Transition(_cell.Id, from, to);
        _setup.Observers.Tell(_cell.Id, from, to, now);
        Report();
        if (to == ConnectionState.Closed && !_cell.IsLetGo)
        {
            Context.Stop(Self);
        }
    }

    private void Report()
    {
        if (_cell.ShouldReport())
        {
            Context.Parent.Tell(_cell);
        }
    }

    private void Perform(ConnectionEffect effect)
    {
        switch (effect)
        {
            case ConnectionEffect.None:
                break;
            case ConnectionEffect.Announce:
                _cell.Transport.Announce();
                break;
            case ConnectionEffect.Withdraw:
                _cell.Transport.Withdraw();
                break;
            case ConnectionEffect.AwaitQuiet:
                OnQuietTick();
                break;
            case ConnectionEffect.RequestClose:
                RequestClose();
                break;
            case ConnectionEffect.Abort:
                _cell.Transport.Abort(_cell.AbortedBy switch
                {
                    EndReason.DrainAborted => "The node is draining and the deadline has come.",
                    EndReason.AgeAborted => "The connection has reached its age, and the grace of that is over.",
                    _ => "The connection was aborted by an operator.",
                });
                break;
        }
    }
}
