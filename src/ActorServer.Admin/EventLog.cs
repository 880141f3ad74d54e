using ActorServer.Actors;

namespace ActorServer.Admin;

/// <summary>The last transitions, numbered. Whoever writes never waits; whoever reads keeps up, or is told what is missing.</summary>
internal sealed class EventLog : IConnectionObserver
{
    /// <summary>How many are remembered.</summary>
    public const int Capacity = 8192;

    private readonly Lock _lock = new();
    private readonly Entry[] _ring = new Entry[Capacity];
    private TaskCompletionSource? _news;
    private long _last;

    /// <summary>Completes when something is written after this was taken.</summary>
    public Task News
    {
        get
        {
            lock (_lock)
            {
                return (_news ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
        }
    }

    /// <summary>The number of the last entry; 0 when there is none.</summary>
    public long Last
    {
        get
        {
            lock (_lock)
            {
                return _last;
            }
        }
    }

    public bool IsInline => true;

    public void OnTransition(ConnectionTransition transition) => Add(new(0, transition, null));

    public void OnPhase(PhaseTransition transition) => Add(new(0, null, transition));

    /// <summary>The entries after a number, some at a time.</summary>
    /// <param name="number">The last number that was read.</param>
    /// <param name="max">How many at most.</param>
    /// <returns>The entries, and how many before them are forgotten.</returns>
    public (IReadOnlyList<Entry> Entries, long Missed) After(long number, int max)
    {
        lock (_lock)
        {
            var first = Math.Max(number + 1, Math.Max(1, _last - Capacity + 1));
            var count = (int)Math.Clamp(_last - first + 1, 0, max);
            var entries = new Entry[count];
            for (var i = 0; i < count; i++)
            {
                entries[i] = _ring[(first + i) % Capacity];
            }

            return (entries, first - number - 1);
        }
    }

    private void Add(Entry entry)
    {
        TaskCompletionSource? news;
        lock (_lock)
        {
            _last++;
            _ring[_last % Capacity] = entry with { Number = _last };
            (news, _news) = (_news, null);
        }

        news?.TrySetResult();
    }

    /// <summary>One entry: a transition of a connection, or of the node.</summary>
    internal readonly record struct Entry(long Number, ConnectionTransition? Connection, PhaseTransition? Phase);
}
