using System.Threading.Channels;
using ActorServer.Core;

namespace ActorServer.Actors;

/// <summary>Carries transitions from the connection actors to the observers, each through a bounded queue of its own.</summary>
internal sealed class ObserverRelay : IDisposable
{
    private static readonly TimeSpan HangWait = TimeSpan.FromSeconds(1);
    private readonly Line[] _lines;

    public ObserverRelay(IEnumerable<IConnectionObserver> observers, Log log)
        => _lines = [.. observers.Select(o => new Line(o, log))];

    public void Tell(string id, ConnectionState? from, ConnectionState to, DateTimeOffset at)
        => Tell(new Notice(new(id, from, to, at), null));

    public void Tell(NodePhase from, NodePhase to, DateTimeOffset at) => Tell(new Notice(default, new(from, to, at)));

    /// <summary>Takes no more, and lets every observer that still listens hear what is queued; one that hangs is not waited for.</summary>
    public void Dispose()
    {
        foreach (var line in _lines)
        {
            line.Complete();
        }

        Task.WaitAll([.. _lines.Select(l => l.Done)], HangWait);
    }

    private void Tell(in Notice notice)
    {
        foreach (var line in _lines)
        {
            line.Tell(notice);
        }
    }

    /// <summary>A transition of a connection, or of the node.</summary>
    private readonly record struct Notice(ConnectionTransition Connection, PhaseTransition? Phase);

    private sealed class Line
    {
        private readonly Channel<Notice> _queue = Channel.CreateBounded<Notice>(
            new BoundedChannelOptions(IConnectionObserver.QueueLength) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

        private readonly IConnectionObserver _observer;
        private readonly Log _log;
        private long _missed;

        public Line(IConnectionObserver observer, Log log)
        {
            _observer = observer;
            _log = log;
            // On a thread of its own: an observer that blocks must not hold one of the pool's.
            Done = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }

        public Task Done { get; }

        public void Tell(in Notice notice)
        {
            if (!_queue.Writer.TryWrite(notice))
            {
                Interlocked.Increment(ref _missed);
            }
        }

        public void Complete() => _queue.Writer.TryComplete();

        private void Run()
        {
            while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                while (_queue.Reader.TryRead(out var notice))
                {
                    Deliver(notice);
                }
            }
        }

        private void Deliver(in Notice notice)
        {
            try
            {
                if (Interlocked.Exchange(ref _missed, 0) is > 0 and var missed)
                {
                    _observer.OnMissed(missed);
                }

                if (notice.Phase is { } phase)
                {
                    _observer.OnPhase(phase);
                }
                else
                {
                    _observer.OnTransition(notice.Connection);
                }
            }
#pragma warning disable CA1031 // Whatever an observer throws concerns nobody else.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                _log.ObserverFailed(exception, _observer.GetType().Name);
            }
        }
    }
}
