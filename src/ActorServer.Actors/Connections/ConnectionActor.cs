using ActorServer.Core;
using Akka.Actor;

namespace ActorServer.Actors;

/// <summary>Owns the state of one connection; only it may close or abort it.</summary>
/// <remarks>Hears: that its cell has news; announce, close and abort from the supervisor. Tells: its cell, to the supervisor.
/// Dies: when its transport has closed. If it crashes, its successor goes on from the cell, where nothing is lost.</remarks>
internal sealed class ConnectionActor(ConnectionCell cell, NodeSetup setup) : UntypedActor
{
    // Unread bytes mean that a request is arriving: it shows up long before this, or the server's own timeouts end it.
    private static readonly TimeSpan UnreadRetry = TimeSpan.FromMilliseconds(50);

    private ICancelable? _quietTimer;

    protected override void PreStart()
    {
        setup.Observers.Tell(cell.Id, from: null, ConnectionState.New, cell.AcceptedAt);
        cell.Assign(Self);
        CatchUp();
    }

    // Purposefully not the default, which would run PostStop: this actor goes on, only its instance is a new one.
    protected override void PreRestart(Exception reason, object message) => _quietTimer?.Cancel();

    protected override void PostRestart(Exception reason)
    {
        setup.Log.ConnectionRestarted(reason, cell.Id);
        // Whatever the crash interrupted is done again; the transport does not mind.
        if (cell.AbortedBy is not null)
        {
            Perform(ConnectionEffect.Abort);
        }

        if (cell.Machine.Draining || cell.Machine.Closing)
        {
            Perform(ConnectionEffect.Announce);
        }

        if (cell.CloseOrder is not null)
        {
            Hear(ConnectionSignal.Close);
        }

        CatchUp();
        Report();
    }

    protected override void PostStop()
    {
        _quietTimer?.Cancel();
        if (cell.Machine.State != ConnectionState.Closed)
        {
            // Stopped by somebody else: the connection lives on, and the supervisor gives it another actor.
            cell.Release();
            Report();
        }
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Look:
                CatchUp();
                break;
            case Announce:
                Hear(ConnectionSignal.Drain);
                break;
            case Withdraw:
                _quietTimer?.Cancel();
                cell.CloseOrder = null;
                Hear(ConnectionSignal.Resume);
                break;
            case CloseOrder order:
                cell.CloseOrder = order;
                Hear(ConnectionSignal.Close);
                break;
            case AbortOrder order:
                cell.AbortedBy ??= order.Reason;
                Hear(ConnectionSignal.Abort);
                break;
            case QuietTick:
                // The news first: a request may have come since the timer was set.
                CatchUp();
                OnQuietTick();
                break;
            default:
                Unhandled(message);
                break;
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
        if (to == ConnectionState.Closed)
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
                cell.Transport.Abort(cell.AbortedBy == EndReason.DrainAborted
                    ? "The node is draining and the deadline has come."
                    : "The connection was aborted by an operator.");
                break;
        }
    }

    private void OnQuietTick()
    {
        if (cell.CloseOrder is not { } order)
        {
            return;
        }

        var wait = order.Due(cell.Machine.State, cell.StateSince) - setup.Time.GetUtcNow();
        if (wait <= TimeSpan.Zero)
        {
            Hear(ConnectionSignal.QuietElapsed);
        }
        else
        {
            StartQuietTimer(wait);
        }
    }

    private void RequestClose()
    {
        if (cell.Transport.TryRequestClose())
        {
            cell.CloseRequested = true;
        }
        else
        {
            StartQuietTimer(UnreadRetry);
        }
    }

    private void StartQuietTimer(TimeSpan wait)
    {
        _quietTimer?.Cancel();
        _quietTimer = Context.System.Scheduler.ScheduleTellOnceCancelable(wait, Self, QuietTick.Instance, Self);
    }
}
