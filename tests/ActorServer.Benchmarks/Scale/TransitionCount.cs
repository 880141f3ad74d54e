using System.Diagnostics;
using ActorServer.Actors;
using ActorServer.Core;

namespace ActorServer.Benchmarks;

/// <summary>Counts the transitions into each state, and lets a benchmark wait for a number of them.</summary>
internal sealed class TransitionCount : IConnectionObserver
{
    private readonly long[] _counts = new long[Enum.GetValues<ConnectionState>().Length];
    private volatile Target? _target;
    private long _lastClose;

    public bool IsInline => true;

    /// <summary>When the last connection's actor published its end, by the clock of <see cref="Stopwatch"/>.</summary>
    public long LastClose => Volatile.Read(ref _lastClose);

    /// <summary>All transitions so far.</summary>
    public long Total => Enumerable.Range(0, _counts.Length).Sum(i => Interlocked.Read(ref _counts[i]));

    /// <summary>Completes when so many more have entered a state. One at a time.</summary>
    public Task ReachAsync(ConnectionState state, int count)
    {
        Target target = new(state, Interlocked.Read(ref _counts[(int)state]) + count);
        _target = target;
        return target.Reached.Task;
    }

    public void OnTransition(ConnectionTransition transition)
    {
        if (transition.To == ConnectionState.Closed)
        {
            Volatile.Write(ref _lastClose, Stopwatch.GetTimestamp());
        }

        var count = Interlocked.Increment(ref _counts[(int)transition.To]);
        if (_target is { } target && target.State == transition.To && count == target.Count)
        {
            target.Reached.TrySetResult();
        }
    }

    private sealed record Target(ConnectionState State, long Count)
    {
        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
