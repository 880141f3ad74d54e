namespace ActorServer.Actors;

/// <summary>What one observer is still to be told, and the thread that tells it.</summary>
/// <remarks>Purposefully a lock and a pulse: whoever tells never waits, and nothing is allocated for a transition.</remarks>
internal sealed class ObserverQueue
{
    private const int BatchMax = 256;

    private readonly Queue<Notice> _notices = [];
    private readonly IConnectionObserver _observer;
    private readonly Log _log;
    private long _missed;
    private bool _completed;

    public ObserverQueue(IConnectionObserver observer, Log log)
    {
        _observer = observer;
        _log = log;
        // On a thread of its own: an observer that blocks must not hold one of the pool's.
        Done = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public Task Done { get; }

    public void Tell(in Notice notice)
    {
        lock (_notices)
        {
            if (_completed || _notices.Count == IConnectionObserver.QueueLength)
            {
                _missed++;
                return;
            }

            _notices.Enqueue(notice);
            Monitor.Pulse(_notices);
        }
    }

    public void Complete()
    {
        lock (_notices)
        {
            _completed = true;
            Monitor.Pulse(_notices);
        }
    }

    private void Run()
    {
        List<Notice> batch = new(BatchMax);
        while (Take(batch) is { } missed)
        {
            if (missed > 0)
            {
                Guard(missed, static (observer, count) => observer.OnMissed(count));
            }

            foreach (var notice in batch)
            {
                Guard(notice, static (observer, n) => n.Tell(observer));
            }
        }
    }

    // What has been missed since the last batch; null when all is told and no more will come.
    private long? Take(List<Notice> batch)
    {
        batch.Clear();
        lock (_notices)
        {
            while (_notices.Count == 0 && !_completed)
            {
                Monitor.Wait(_notices);
            }

            while (batch.Count < BatchMax && _notices.TryDequeue(out var notice))
            {
                batch.Add(notice);
            }

            var missed = _missed;
            _missed = 0;
            return batch.Count == 0 ? null : missed;
        }
    }

    private void Guard<T>(T what, Action<IConnectionObserver, T> tell)
    {
        try
        {
            tell(_observer, what);
        }
#pragma warning disable CA1031 // Whatever an observer throws concerns nobody else.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _log.ObserverFailed(exception, _observer.GetType().Name);
        }
    }

    /// <summary>A transition of a connection, or of the node.</summary>
    internal readonly record struct Notice(ConnectionTransition Connection, PhaseTransition? Phase)
    {
        public void Tell(IConnectionObserver observer)
        {
            if (Phase is { } phase)
            {
                observer.OnPhase(phase);
            }
            else
            {
                observer.OnTransition(Connection);
            }
        }
    }
}
