namespace ActorServer.Core;

/// <summary>When a connection is old. Jitter keeps those that came together from going, and coming back, together.</summary>
public static class ConnectionAge
{
    private const double Jitter = 0.1;

    /// <summary>When a connection has reached the age, give or take a tenth.</summary>
    /// <param name="acceptedAt">When it was accepted.</param>
    /// <param name="limitedAt">When the limit was set: those that were older already go one by one, within a fifth of it.</param>
    /// <param name="age">The limit.</param>
    /// <param name="share">The connection's own lot, from 0 to 1.</param>
    /// <returns>Null when the limit is infinite.</returns>
    public static DateTimeOffset? Due(DateTimeOffset acceptedAt, DateTimeOffset limitedAt, Duration age, double share)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(share, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);
        if (age.IsInfinite)
        {
            return null;
        }

        var byAge = acceptedAt + (age.Value * (1 - Jitter + (2 * Jitter * share)));
        var byLimit = limitedAt + (age.Value * (2 * Jitter * share));
        return byAge > byLimit ? byAge : byLimit;
    }
}
