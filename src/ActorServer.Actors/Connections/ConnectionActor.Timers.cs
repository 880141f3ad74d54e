using ActorServer.Core;
using Akka.Actor;

namespace ActorServer.Actors;

/// <content>What it does in time: it closes a quiet connection at its turn, and ends an aged one.</content>
internal sealed partial class ConnectionActor
{
    // Unread bytes mean that a request is arriving: it shows up long before this, or the server's own timeouts end it.
    private static readonly TimeSpan UnreadRetry = TimeSpan.FromMilliseconds(50);

    // A transport that fails to close is told again, now and then: it is a bug, and may be a lasting one.
    private static readonly TimeSpan FailureRetry = TimeSpan.FromSeconds(1);

    private ICancelable? _quietTimer;
    private ICancelable? _ageTimer;

    private void OnQuietTick()
    {
        if (cell.CloseOrder is not { } order)
        {
            return;
        }

        var wait = order.Due(cell.Machine.State, cell.StateSince) - setup.Time.GetUtcNow();
        if (wait <= TimeSpan.Zero)
        {
            // One that has left HTTP is never quiet: it is told once more.
            Hear(cell.Machine.State == ConnectionState.Upgraded ? ConnectionSignal.Close : ConnectionSignal.QuietElapsed);
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

    private void OnAgeTick()
    {
        var now = setup.Time.GetUtcNow();
        // Late mail is normal here, and so is a limit that was changed meanwhile.
        if (setup.Limits.NextDue(cell) is { } due && due <= now)
        {
            if (cell.AgedAt is null)
            {
                cell.AgedAt = now;
                EndByAge();
            }
            else
            {
                cell.AbortedBy = EndReason.AgeAborted;
                Hear(ConnectionSignal.Abort);
            }
        }

        StartAgeTimer();
    }

    // As a lame duck does: the next response announces the close, and only who brings no request for that long is closed idle.
    private void EndByAge()
    {
        if (cell.AgedAt is { } aged)
        {
            var (lameDuck, idle) = (setup.Drain.LameDuck.Value, setup.Drain.IdleGrace.Value);
            // Counted from its last answer, too, which may have begun before it could announce anything.
            cell.CloseOrder = new CloseOrder(aged + lameDuck, lameDuck > idle ? lameDuck : idle, setup.Drain.SilentGrace.Value)
                .Join(cell.CloseOrder);
            Perform(ConnectionEffect.Announce);
            Hear(ConnectionSignal.Close);
        }
    }

    private void StartAgeTimer()
    {
        _ageTimer?.Cancel();
        _ageTimer = setup.Limits.NextDue(cell) is { } due
            ? Context.System.Scheduler.ScheduleTellOnceCancelable(
                due - setup.Time.GetUtcNow() is var wait && wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Self, AgeTick.Instance, Self)
            : null;
    }
}
