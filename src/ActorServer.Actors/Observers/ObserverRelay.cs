using ActorServer.Core;

namespace ActorServer.Actors;

/// <summary>Carries transitions from the connection actors to the observers, each through a bounded queue of its own.</summary>
internal sealed class ObserverRelay : IDisposable
{
    private static readonly TimeSpan HangWait = TimeSpan.FromSeconds(1);

    private readonly ObserverQueue[] _queues;
    private readonly IConnectionObserver[] _inline;

    public ObserverRelay(IEnumerable<IConnectionObserver> observers, Log log)
    {
        var all = observers.ToLookup(o => o.IsInline);
        _inline = [.. all[true]];
        _queues = [.. all[false].Select(o => new ObserverQueue(o, log))];
    }

    /// <summary>Is called when a drain begins, by whoever leads it.</summary>
    public Action? DrainBell { get; set; }

    public void Tell(string id, ConnectionState? from, ConnectionState to, DateTimeOffset at)
    {
        // The queues first: an inline observer that throws all the same is a crash of the actor, and concerns no other observer.
        ConnectionTransition transition = new(id, from, to, at);
        foreach (var queue in _queues)
        {
            queue.Tell(new(transition, null));
        }

        foreach (var observer in _inline)
        {
            observer.OnTransition(transition);
        }
    }

    public void Tell(NodePhase from, NodePhase to, DateTimeOffset at)
    {
        if (from == NodePhase.Serving)
        {
            DrainBell?.Invoke();
        }

        PhaseTransition transition = new(from, to, at);
        foreach (var queue in _queues)
        {
            queue.Tell(new(default, transition));
        }

        foreach (var observer in _inline)
        {
            observer.OnPhase(transition);
        }
    }

    /// <summary>Takes no more, and lets every observer that still listens hear what is queued; one that hangs is not waited for.</summary>
    public void Dispose()
    {
        foreach (var queue in _queues)
        {
            queue.Complete();
        }

        Task.WaitAll([.. _queues.Select(q => q.Done)], HangWait);
    }
}
