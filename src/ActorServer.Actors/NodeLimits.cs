using ActorServer.Core;

namespace ActorServer.Actors;

/// <summary>A node's limits as they are now. Anybody may read them at any time.</summary>
internal sealed class NodeLimits(LimitSettings initial, DateTimeOffset since)
{
    private readonly Lock _lock = new();
    private volatile Entry _entry = new(initial, since);

    public LimitSettings Current => _entry.Settings;

    /// <summary>Puts other limits in the place of these.</summary>
    /// <returns>The limits that were.</returns>
    public LimitSettings Change(LimitSettings settings, DateTimeOffset now)
    {
        lock (_lock)
        {
            var old = _entry;
            _entry = new(settings, settings.MaxConnectionAge == old.Settings.MaxConnectionAge ? old.AgeLimitedAt : now);
            return old.Settings;
        }
    }

    /// <summary>When a connection is to go for its age, or to be cut because it did not; null: never.</summary>
    public DateTimeOffset? NextDue(ConnectionCell cell)
    {
        var entry = _entry;
        return cell switch
        {
            { State: ConnectionState.Closed } or { AbortedBy: not null } => null,
            { AgedAt: null } => ConnectionAge.Due(cell.AcceptedAt, entry.AgeLimitedAt, entry.Settings.MaxConnectionAge, cell.Lot),
            // Nobody is cut for an age that is no limit any more.
            { AgedAt: { } aged } => entry.Settings is { MaxConnectionAge.IsInfinite: false, MaxConnectionAgeGrace: { IsInfinite: false } grace }
                ? aged + grace.Value
                : null,
        };
    }

    // One word, so that no reader sees the one without the other.
    private sealed record Entry(LimitSettings Settings, DateTimeOffset AgeLimitedAt);
}
