using ActorServer.Core;
using Akka.Actor;

namespace ActorServer.Actors;

/// <summary>A drain's timers: one for the end of each phase, and one that tells the log who is being waited for.</summary>
internal sealed class DrainTimers(Ledger ledger, NodeSetup setup, ITimerScheduler timers)
{
    private static readonly TimeSpan WaitLogInterval = TimeSpan.FromSeconds(5);

    /// <summary>One timer for the end of each phase; earlier ones of the same name are replaced.</summary>
    public void Start()
    {
        var (id, plan) = (ledger.Drain!.Id, ledger.Drain.Plan);
        Set(NodeSignal.LameDuckElapsed, plan.LameDuckUntil);
        Set(NodeSignal.AbortDue, plan.AbortAt);
        Set(NodeSignal.DeadlinePassed, plan.EndAt);
        if (!timers.IsTimerActive(WaitTick.Instance))
        {
            timers.StartPeriodicTimer(WaitTick.Instance, WaitTick.Instance, WaitLogInterval);
        }

        void Set(NodeSignal signal, DateTimeOffset? at)
        {
            timers.Cancel(signal);
            if (at is { } due)
            {
                var wait = due - setup.Time.GetUtcNow();
                timers.StartSingleTimer(signal, new PhaseTick(id, signal), wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
            }
        }
    }

    /// <summary>Starts the timers again: a crash has stopped them, or a resume that failed.</summary>
    public void Recover()
    {
        // No phase ends while the ports are being opened.
        if (ledger.IsDraining && ledger.Pending is not Resume)
        {
            Start();
        }
    }

    /// <summary>No phase ends by itself any more.</summary>
    public void Cancel()
    {
        timers.Cancel(NodeSignal.LameDuckElapsed);
        timers.Cancel(NodeSignal.AbortDue);
        timers.Cancel(NodeSignal.DeadlinePassed);
        timers.Cancel(WaitTick.Instance);
    }
}
