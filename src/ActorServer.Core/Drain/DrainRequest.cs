namespace ActorServer.Core;

/// <summary>A wish to drain the node. What is null is taken from the options.</summary>
/// <param name="Trigger">Who asks.</param>
/// <param name="Budget">From acceptance to the deadline; zero aborts at once, infinite waits for ever.</param>
/// <param name="LameDuck">How long to announce before the ports close.</param>
/// <param name="Spread">Over how long quiet connections close.</param>
/// <param name="Reason">Why, for the record.</param>
/// <param name="Extend">For a drain that joins a running one: the later deadline holds, not the earlier.</param>
/// <remarks>What a signal, a stopping host or a leaving cluster node asks for is binding: no veto, no resume.</remarks>
public sealed record DrainRequest(
    DrainTrigger Trigger,
    Duration? Budget = null,
    Duration? LameDuck = null,
    Duration? Spread = null,
    string? Reason = null,
    bool Extend = false)
{
    /// <summary>It can neither be refused nor called off: the process ends anyway.</summary>
    public bool IsBinding => Trigger is DrainTrigger.Signal or DrainTrigger.Host or DrainTrigger.ClusterLeave;

    /// <summary>The longest budget that is not infinite.</summary>
    public static Duration BudgetMax { get; } = TimeSpan.FromDays(7);

    /// <summary>The longest LameDuck and, unless infinite, Spread.</summary>
    public static Duration PartMax { get; } = TimeSpan.FromHours(1);

    /// <summary>What is wrong with it, in a sentence; null when nothing is.</summary>
    public string? Problem
        => Budget is { IsInfinite: false } budget && budget > BudgetMax ? $"budget cannot be {budget}: it is 0 to {BudgetMax} or infinite."
        : LameDuck > PartMax ? $"lameDuck cannot be {LameDuck}: it is 0 to {PartMax}."
        : Spread is { IsInfinite: false } spread && spread > PartMax ? $"spread cannot be {spread}: it is 0 to {PartMax} or infinite."
        : null;
}

/// <summary>The instants of one drain. All times are UTC.</summary>
/// <param name="StartedAt">When it was accepted.</param>
/// <param name="LameDuckUntil">When the ports begin to close.</param>
/// <param name="Spread">Over how long quiet connections close after that; infinite: they are left to their own timeouts.</param>
/// <param name="AbortAt">When what is left is aborted; null: never.</param>
/// <param name="Deadline">When the drain ends whatever is left; null: never.</param>
public sealed record DrainPlan(
    DateTimeOffset StartedAt, DateTimeOffset LameDuckUntil, Duration Spread, DateTimeOffset? AbortAt, DateTimeOffset? Deadline)
{
    /// <summary>What is aborted needs a moment to end; who has not ended after it is a straggler, also with no budget at all.</summary>
    public static readonly TimeSpan AbortEcho = TimeSpan.FromSeconds(1);

    /// <summary>When the drain ends: the deadline, but not before the aborted had their moment. Null: never.</summary>
    public DateTimeOffset? EndAt => Deadline is { } deadline && AbortAt is { } abort ? Max(deadline, abort + AbortEcho) : null;

    /// <summary>Fits a drain into its budget: LameDuck shrinks first, then Spread; AbortWait is at most half the budget.</summary>
    /// <param name="settings">The node's settings.</param>
    /// <param name="request">The wish.</param>
    /// <param name="now">When it was accepted (UTC).</param>
    public static DrainPlan From(DrainSettings settings, DrainRequest request, DateTimeOffset now)
    {
        var budget = request.Budget ?? settings.Budget;
        var lameDuck = (request.LameDuck ?? settings.LameDuck).Value;
        var spread = request.Spread ?? settings.Spread;
        if (budget.IsInfinite)
        {
            return new(now, now + lameDuck, spread, AbortAt: null, Deadline: null);
        }

        var abortWait = Min(settings.AbortWait.Value, budget.Value / 2);
        var work = budget.Value - abortWait;
        spread = spread.IsInfinite ? spread : Min(spread.Value, work);
        lameDuck = Min(lameDuck, spread.IsInfinite ? work : work - spread.Value);
        return new(now, now + lameDuck, spread, now + work, now + budget.Value);
    }

    /// <summary>Joins a second drain to this one: whatever it would do earlier is done earlier.</summary>
    /// <param name="second">The plan of the second drain by itself.</param>
    /// <param name="extend">Its deadline holds if it is the later one.</param>
    public DrainPlan Join(DrainPlan second, bool extend)
    {
        if (extend)
        {
            var later = Deadline is null || second.Deadline is null || Deadline > second.Deadline;
            return Deadline is null || (second.Deadline is not null && later)
                ? this
                : this with { AbortAt = second.AbortAt, Deadline = second.Deadline };
        }

        var plan = this with { LameDuckUntil = Min(LameDuckUntil, second.LameDuckUntil), Spread = Spread < second.Spread ? Spread : second.Spread };
        return (second.Deadline is null || Deadline <= second.Deadline
            ? plan
            : plan with { AbortAt = second.AbortAt, Deadline = second.Deadline }).Fit();
    }

    // An infinite spread leaves no room for the finite one that joins it: quiet connections are closed, not aborted.
    private DrainPlan Fit()
    {
        if (AbortAt is not { } abort || Spread.IsInfinite)
        {
            return this;
        }

        var spread = Min(Spread.Value, abort - StartedAt);
        return this with { LameDuckUntil = Min(LameDuckUntil, abort - spread), Spread = spread };
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static DateTimeOffset Max(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static DateTimeOffset Min(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
