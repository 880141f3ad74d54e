using System.Threading.Channels;

namespace ActorServer.TestKit;

/// <summary>A gate in the application at which requests wait until the test lets them go on: their connections stay Active.</summary>
/// <remarks>A handler awaits <see cref="WaitAsync"/>; the test awaits <see cref="EnteredAsync"/>, looks, and calls <see cref="Open"/>.</remarks>
public sealed class RequestGate
{
    private readonly Channel<bool> _entered = Channel.CreateUnbounded<bool>();
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How long <see cref="EnteredAsync"/> waits for each request. Default 30 s: a safety net, not a measure.</summary>
    public TimeSpan WaitMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What the application's handler awaits; completes at once when the gate is open.</summary>
    /// <param name="cancellationToken">Gives up: the request's RequestAborted, or its drain token.</param>
    public Task WaitAsync(CancellationToken cancellationToken = default)
    {
        _entered.Writer.TryWrite(true);
        return _open.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Waits until more requests have come to the gate.</summary>
    /// <param name="count">How many, beyond those of earlier calls; 1 or more, default 1.</param>
    /// <exception cref="TimeoutException">They have not come.</exception>
    public async Task EnteredAsync(int count = 1)
    {
        for (var i = 0; i < count; i++)
        {
            await _entered.Reader.ReadAsync().AsTask().WaitAsync(WaitMax);
        }
    }

    /// <summary>Lets all requests go on, those to come as well. Harmless when repeated.</summary>
    public void Open() => _open.TrySetResult();
}
