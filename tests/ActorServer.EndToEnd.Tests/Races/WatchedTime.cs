namespace ActorServer.EndToEnd.Tests.Races;

/// <summary>The real time, and how often somebody has looked at it.</summary>
internal sealed class WatchedTime : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<(int Count, TaskCompletionSource Reached)> _waiting = [];
    private int _looks;

    /// <summary>Completes when the clock has been looked at so often.</summary>
    public Task LookedAtAsync(int times)
    {
        lock (_lock)
        {
            TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((times, reached));
            return reached.Task;
        }
    }

    public override long GetTimestamp()
    {
        lock (_lock)
        {
            _looks++;
            foreach (var (count, reached) in _waiting)
            {
                if (_looks >= count)
                {
                    reached.TrySetResult();
                }
            }
        }

        return base.GetTimestamp();
    }
}
