using System.Collections.Concurrent;
using ActorServer.Actors;

namespace ActorServer.TestKit;

/// <summary>Ports without sockets: says what was asked of them, and closes when the test lets it.</summary>
public sealed class FakeListenerGate : IListenerGate
{
    private readonly bool _closesAtOnce;
    private readonly ConcurrentQueue<TaskCompletionSource> _told = [];
    private TaskCompletionSource _closing = New();
    private TaskCompletionSource _mayClose = New();
    private int _closeCalls;
    private int _openCalls;

    /// <summary>Ports that close at once, or only when <see cref="Close"/> or <see cref="FailToClose"/> is called.</summary>
    /// <param name="closesAtOnce">Default true.</param>
    public FakeListenerGate(bool closesAtOnce = true)
    {
        _closesAtOnce = closesAtOnce;
        Reset();
    }

    /// <inheritdoc/>
    public bool Accepting
    {
        get
        {
            ThrowIfFailing();
            return IsOpen;
        }
    }

    /// <summary>New connections announce their close.</summary>
    public bool Announced { get; private set; }

    /// <summary>What <see cref="Announce"/> or <see cref="Accepting"/> throws once, if anything: a crash of the supervisor, at will.</summary>
    public Exception? Failure { get; set; }

    /// <summary>What <see cref="OpenAsync"/> throws, if anything: another process has a port.</summary>
    public Exception? OpenFailure { get; set; }

    /// <summary>How often the ports were told to open.</summary>
    public int OpenCalls => Volatile.Read(ref _openCalls);

    /// <summary>How often the ports were told to close.</summary>
    public int CloseCalls => Volatile.Read(ref _closeCalls);

    /// <summary>Completes when the ports are told to close.</summary>
    public Task Closing => _closing.Task;

    private bool IsOpen => !_closing.Task.IsCompleted;

    /// <summary>Lets the ports be closed. Called on a thread of the pool, it returns when the supervisor has been told.</summary>
    public void Close()
    {
        // Whoever waits to open the ports may go on at once, and put another in its place.
        var mayClose = _mayClose;
        mayClose.TrySetResult();
        TellClosed(mayClose.Task);
    }

    /// <summary>Lets the closing fail. Called on a thread of the pool, it returns when the supervisor has been told.</summary>
    /// <param name="exception">Why.</param>
    public void FailToClose(Exception exception)
    {
        var mayClose = _mayClose;
        mayClose.TrySetException(exception);
        TellClosed(mayClose.Task);
    }

    /// <inheritdoc/>
    public void Announce()
    {
        ThrowIfFailing();
        Announced = true;
    }

    /// <inheritdoc/>
    public Task CloseAsync()
    {
        Interlocked.Increment(ref _closeCalls);
        // Purposefully not asynchronous, and one for each call: all that waits for it has run when it is completed.
        TaskCompletionSource closed = new();
        _told.Enqueue(closed);
        _closing.TrySetResult();
        if (_mayClose.Task is { IsCompleted: true } mayClose)
        {
            TellClosed(mayClose);
        }

        return closed.Task;
    }

    /// <inheritdoc/>
    public void Withdraw() => Announced = false;

    /// <inheritdoc/>
    public async Task OpenAsync()
    {
        Interlocked.Increment(ref _openCalls);
        if (IsOpen)
        {
            return;
        }

        await _mayClose.Task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (OpenFailure is { } failure)
        {
            throw failure;
        }

        Reset();
    }

    private void Reset()
    {
        (_closing, _mayClose) = (New(), New());
        if (_closesAtOnce)
        {
            _mayClose.SetResult();
        }
    }

    private void TellClosed(Task mayClose)
    {
        while (_told.TryDequeue(out var closed))
        {
            closed.TrySetFromTask(mayClose);
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void ThrowIfFailing()
    {
        if (Failure is { } failure)
        {
            Failure = null;
            throw failure;
        }
    }
}
