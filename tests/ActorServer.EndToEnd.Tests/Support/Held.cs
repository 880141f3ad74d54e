using System.Threading.Channels;

namespace ActorServer.EndToEnd.Tests;

/// <summary>Requests that are answered when the test says so.</summary>
internal sealed class Held
{
    // A safety net: a test waits for facts, and this is where it learns that one does not come.
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    private readonly Channel<bool> _entered = Channel.CreateUnbounded<bool>();
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Waits until this many requests have come in.</summary>
    public async Task EnteredAsync(int count = 1)
    {
        for (var i = 0; i < count; i++)
        {
            await _entered.Reader.ReadAsync().AsTask().WaitAsync(WaitMax);
        }
    }

    /// <summary>Lets all requests be answered, those to come as well.</summary>
    public void Release() => _released.TrySetResult();

    /// <summary>What a handler awaits.</summary>
    public Task WaitAsync(CancellationToken cancellationToken = default)
    {
        _entered.Writer.TryWrite(true);
        return _released.Task.WaitAsync(cancellationToken);
    }
}
