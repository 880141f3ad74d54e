namespace ActorServer.Actors;

/// <summary>Work that outlives its request and holds a drain up until it is disposed, or until the deadline.</summary>
public sealed class DrainLease : IDisposable
{
    private readonly Action<DrainLease> _release;
    private int _released;

    internal DrainLease(string name, DateTimeOffset since, Action<DrainLease> release) => (Name, Since, _release) = (name, since, release);

    /// <summary>What the report calls it.</summary>
    public string Name { get; }

    /// <summary>When it was taken (UTC).</summary>
    public DateTimeOffset Since { get; }

    /// <summary>The work is done.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _released, 1) == 0)
        {
            _release(this);
        }
    }
}
