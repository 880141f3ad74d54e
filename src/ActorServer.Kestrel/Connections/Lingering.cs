namespace ActorServer.Kestrel;

/// <summary>
/// The connections that have said their last, GOAWAY or an answer and FIN, and whose peers may still be sending: what comes is thrown
/// away. The process is not to end under them, which would reset them.
/// </summary>
internal sealed class Lingering
{
    /// <summary>A peer that sends nothing for so long has heard, or never will: several round trips of the farthest network.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    /// <summary>One that goes on sending for so long does not care.</summary>
    public static readonly TimeSpan Max = TimeSpan.FromSeconds(5);

    /// <summary>So many at a time, while others are let in: they hold files, and have no place in the limits any more.</summary>
    private const int CountMax = 4096;

    private readonly Lock _lock = new();
    private TaskCompletionSource? _over;
    private int _count;
    private bool _isCut;

    /// <summary>There are enough.</summary>
    public bool IsFull => Volatile.Read(ref _count) >= CountMax;

    /// <summary>Counts one, until it is disposed.</summary>
    public Departure Enter()
    {
        lock (_lock)
        {
            _count++;
        }

        return new(this);
    }

    /// <summary>Waits until there is none any more, and for none that has had its time.</summary>
    public async Task OverAsync(CancellationToken cancellationToken)
    {
        Task over;
        lock (_lock)
        {
            if (_count == 0 || _isCut)
            {
                return;
            }

            over = (_over ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }

        await over.WaitAsync(Quiet, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Nobody waits for them any more.</summary>
    public void Cut()
    {
        lock (_lock)
        {
            _isCut = true;
            _over?.TrySetResult();
        }
    }

    private void Leave()
    {
        lock (_lock)
        {
            if (--_count == 0)
            {
                _over?.TrySetResult();
                _over = null;
            }
        }
    }

    /// <summary>One of them.</summary>
    public readonly struct Departure(Lingering lingering) : IDisposable
    {
        public void Dispose() => lingering.Leave();
    }
}
