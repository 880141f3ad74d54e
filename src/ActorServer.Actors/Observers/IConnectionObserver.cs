using ActorServer.Core;

namespace ActorServer.Actors;

/// <summary>Is told every transition of every connection, the ConnState hook, and of the node. Register it as a singleton service.</summary>
/// <remarks>
/// Each observer has a queue and a worker of its own: one that blocks or throws delays neither traffic nor a drain nor another
/// observer. The transitions of one connection come in order. An observer that stays behind by more than
/// <see cref="QueueLength"/> transitions misses some and is told how many.
/// </remarks>
public interface IConnectionObserver
{
    /// <summary>How many transitions wait for a slow observer before some are dropped.</summary>
    const int QueueLength = 65_536;

    /// <summary>
    /// True for an observer that neither blocks nor throws and takes well under a microsecond: it is called at once by the
    /// connection's own actor, without a queue. Default false.
    /// </summary>
    bool IsInline => false;

    /// <summary>A connection entered a state.</summary>
    /// <param name="transition">Which, and when.</param>
    void OnTransition(ConnectionTransition transition);

    /// <summary>The node entered a phase.</summary>
    /// <param name="transition">Which, and when.</param>
    void OnPhase(PhaseTransition transition)
    {
    }

    /// <summary>The observer was too slow.</summary>
    /// <param name="missed">How many transitions it was not told since the last call.</param>
    void OnMissed(long missed)
    {
    }
}

/// <summary>One transition of one connection.</summary>
/// <param name="Id">The connection.</param>
/// <param name="From">The state left; null when it has just been accepted.</param>
/// <param name="To">The state entered.</param>
/// <param name="At">When (UTC).</param>
public readonly record struct ConnectionTransition(
    string Id, ConnectionState? From, ConnectionState To, DateTimeOffset At);

/// <summary>One transition of the node.</summary>
/// <param name="From">The phase left.</param>
/// <param name="To">The phase entered.</param>
/// <param name="At">When (UTC).</param>
public readonly record struct PhaseTransition(NodePhase From, NodePhase To, DateTimeOffset At);
