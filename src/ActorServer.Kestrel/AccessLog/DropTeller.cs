namespace ActorServer.Kestrel;

/// <summary>Counts the lines that are lost, and says so once in a while.</summary>
internal sealed class DropTeller(TimeProvider time, Log log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private long _count;
    private long _told;
    private long _toldAt;
    private int _telling;
    private volatile string? _reason;

    /// <summary>Lines lost since the start.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>Lines are lost. Never waits, whatever the log does.</summary>
    /// <param name="count">How many; 0 is a time to say what has not been said yet.</param>
    /// <param name="reason">Why.</param>
    public void Add(long count, string? reason)
    {
        _reason = reason ?? _reason;
        var dropped = Interlocked.Add(ref _count, count);
        if (dropped == Volatile.Read(ref _told) || !IsTime())
        {
            return;
        }

        // One at a time: a log that blocks holds one thread of the pool, and not one more every interval.
        if (Interlocked.Exchange(ref _telling, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static teller => teller.Tell(), this, preferLocal: false);
        }
    }

    private bool IsTime() => Volatile.Read(ref _toldAt) is var at && (at == 0 || time.GetElapsedTime(at) >= Interval);

    private void Tell()
    {
        try
        {
            var count = Count;
            var news = count - Volatile.Read(ref _told);
            Volatile.Write(ref _told, count);
            Volatile.Write(ref _toldAt, time.GetTimestamp());
            log.AccessLinesDropped(news, count, _reason ?? "unknown");
        }
        finally
        {
            Volatile.Write(ref _telling, 0);
        }
    }
}
