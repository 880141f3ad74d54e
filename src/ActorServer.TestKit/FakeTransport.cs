using ActorServer.Actors;

namespace ActorServer.TestKit;

/// <summary>A connection without a socket: says what was asked of it, as events, and does nothing by itself.</summary>
public sealed class FakeTransport : ITransport
{
    private readonly TaskCompletionSource _announced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _closeRequested = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _announcements;
    private int _refusedCloses;
    private int _withdrawals;

    /// <inheritdoc/>
    public string? Peer { get; init; } = "192.0.2.1:40000";

    /// <inheritdoc/>
    public string? Local { get; init; } = "192.0.2.2:80";

    /// <inheritdoc/>
    public string? Protocol { get; set; } = "HTTP/1.1";

    /// <inheritdoc/>
    public bool Tls { get; init; }

    /// <inheritdoc/>
    public long BytesSent { get; set; }

    /// <inheritdoc/>
    public bool PeerClosed { get; set; }

    /// <summary>Unread bytes are waiting: a close is refused.</summary>
    public bool HasUnreadBytes { get; set; }

    /// <summary>What a verb throws, if anything: a bug in a transport.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Completes when its actor lets the next response announce the close.</summary>
    public Task Announced => _announced.Task;

    /// <summary>Completes when its actor has closed it.</summary>
    public Task CloseRequested => _closeRequested.Task;

    /// <summary>Completes when its actor has aborted it, with the reason.</summary>
    public Task<string> Aborted => _aborted.Task;

    /// <summary>How often a close was refused because of unread bytes.</summary>
    public int RefusedCloses => Volatile.Read(ref _refusedCloses);

    /// <summary>How often it was announced.</summary>
    public int Announcements => Volatile.Read(ref _announcements);

    /// <inheritdoc/>
    public void Announce()
    {
        ThrowIfFailing();
        Interlocked.Increment(ref _announcements);
        _announced.TrySetResult();
    }

    /// <summary>How often an announcement was taken back.</summary>
    public int Withdrawals => Volatile.Read(ref _withdrawals);

    /// <inheritdoc/>
    public void Withdraw()
    {
        ThrowIfFailing();
        Interlocked.Increment(ref _withdrawals);
    }

    /// <inheritdoc/>
    public bool TryRequestClose()
    {
        ThrowIfFailing();
        if (HasUnreadBytes)
        {
            Interlocked.Increment(ref _refusedCloses);
            return false;
        }

        _closeRequested.TrySetResult();
        return true;
    }

    /// <inheritdoc/>
    public void Abort(string reason)
    {
        ThrowIfFailing();
        _aborted.TrySetResult(reason);
    }

    private void ThrowIfFailing()
    {
        if (Failure is { } failure)
        {
            Failure = null;
            throw failure;
        }
    }
}
