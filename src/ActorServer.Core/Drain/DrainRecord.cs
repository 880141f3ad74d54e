namespace ActorServer.Core;

/// <summary>What is written down of a drain while it runs; with the live connections it makes a <see cref="DrainReport"/>.</summary>
/// <param name="Id">The drain's number on this node.</param>
/// <param name="Trigger">Who asked first.</param>
/// <param name="Reason">Why.</param>
/// <param name="Plan">Its instants.</param>
/// <param name="Initial">Connections when it was accepted.</param>
/// <param name="Closed">Ended idle, silent or unanswered.</param>
/// <param name="Completed">Ended after an answer.</param>
/// <param name="Aborted">Cut by the deadline.</param>
/// <param name="Stragglers">Cut, and not gone at the end; leases too.</param>
/// <param name="Remaining">Not gone at the end.</param>
/// <param name="EndedAt">When it ended.</param>
/// <param name="IsBinding">It cannot be called off.</param>
/// <param name="IsCancelled">It was called off.</param>
/// <param name="Cut">Who was cut at the deadline, by name.</param>
public sealed record DrainRecord(
    long Id,
    DrainTrigger Trigger,
    string? Reason,
    DrainPlan Plan,
    int Initial,
    int Closed = 0,
    int Completed = 0,
    int Aborted = 0,
    int Stragglers = 0,
    int Remaining = 0,
    DateTimeOffset? EndedAt = null,
    bool IsBinding = false,
    bool IsCancelled = false,
    IReadOnlyList<Blocker>? Cut = null)
{
    /// <summary>Counts a connection that ended while the drain ran.</summary>
    /// <param name="reason">Why it ended.</param>
    public DrainRecord Count(EndReason reason) => reason switch
    {
        EndReason.Completed or EndReason.UpgradeEnded or EndReason.Refused => this with { Completed = Completed + 1 },
        EndReason.Aborted or EndReason.DrainAborted or EndReason.AgeAborted => this with { Aborted = Aborted + 1 },
        EndReason.ClientClosed or EndReason.Closed or EndReason.Rejected or EndReason.Failed
            or EndReason.ServerClosed => this with { Closed = Closed + 1 },
    };

    /// <summary>The report at this moment.</summary>
    /// <param name="phase">The node's phase.</param>
    /// <param name="remaining">Live connections.</param>
    /// <param name="blockers">Those waited for.</param>
    public DrainReport Report(NodePhase phase, int remaining, IReadOnlyList<Blocker> blockers)
        => new(
            Id.ToString(System.Globalization.CultureInfo.InvariantCulture),
            IsCancelled ? DrainPhase.Cancelled : EndedAt is not null ? DrainPhase.Drained : phase == NodePhase.LameDuck ? DrainPhase.LameDuck : DrainPhase.Draining,
            Trigger, Reason, Plan.StartedAt, Plan.LameDuckUntil, Plan.Deadline, EndedAt,
            Initial, remaining, Closed, Completed, Aborted, Stragglers, blockers);
}
