namespace ActorServer.Actors.Tests.Steering;

/// <summary>What happened, in its order; a test waits for an entry as an event.</summary>
internal sealed class Journal
{
    private readonly Lock _lock = new();
    private readonly List<string> _entries = [];
    private readonly List<(Func<bool> IsFulfilled, TaskCompletionSource Waiter)> _waiters = [];

    public IReadOnlyList<string> Entries
    {
        get
        {
            lock (_lock)
            {
                return [.. _entries];
            }
        }
    }

    public void Write(string entry)
    {
        lock (_lock)
        {
            _entries.Add(entry);
            foreach (var waiter in _waiters.FindAll(static w => w.IsFulfilled()))
            {
                _waiters.Remove(waiter);
                waiter.Waiter.SetResult();
            }
        }
    }

    /// <summary>Waits until an entry is there, or is there this often.</summary>
    public async Task ReachAsync(string entry, int times = 1)
    {
        TaskCompletionSource waiter = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (IsFulfilled())
            {
                return;
            }

            _waiters.Add((IsFulfilled, waiter));
        }

        await waiter.Task.SoonAsync();

        bool IsFulfilled() => _entries.Count(e => e == entry) >= times;
    }
}
