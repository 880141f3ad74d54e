using System.Net.WebSockets;

namespace ActorServer.Kestrel;

/// <summary>
/// A WebSocket's stream, as the application gets it. When the connection is to go, it says Close 1001 for an application that does
/// nothing: between the application's own frames, and dropping what that still sends.
/// </summary>
internal sealed class GoodbyeStream(Stream inner, TimeProvider time, Action unanswered) : AsyncStream
{
    // A peer that does not answer by then is not there any more, or does not want to.
    private static readonly TimeSpan AnswerWait = TimeSpan.FromSeconds(2);

    // What has come by then is there to be read.
    private static readonly TimeSpan AnswerLook = TimeSpan.FromMilliseconds(50);

    // FIN and opcode 8, no mask; the payload, of 125 bytes at most, is 2 bytes of code, 1001, and the reason.
    private static readonly byte[] GoingAway =
    [
        0x88, (byte)(2 + Reason.Length),
        (byte)((int)WebSocketCloseStatus.EndpointUnavailable >> 8), (int)WebSocketCloseStatus.EndpointUnavailable & 0xff,
        .. Reason,
    ];

    private static ReadOnlySpan<byte> Reason => "The server is going away."u8;

    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly CancellationTokenSource _ended = new();
    private FrameScanner _sent;
    private FrameScanner _received;
    private bool _wanted;
    private bool _said;
    private bool _outOfStep;
    private ITimer? _patience;
    private readonly Lock _lock = new();
    private int _reading;
    private bool _finished;
    private volatile bool _over;
    private volatile bool _refusesWrites;
    private Task _ending = Task.CompletedTask;

    /// <summary>Says goodbye at the next boundary of the application's frames: now, unless it is in the middle of one.</summary>
    public async Task SayAsync()
    {
        await _writing.WaitAsync();
        try
        {
            _wanted = true;
            await SayIfDueAsync(CancellationToken.None);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            // The peer has gone, or the application has ended it: there is nobody to say it to.
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>The request is over: from now on nothing is said and nothing is read.</summary>
    /// <returns>Completes when whatever is being read for the application has ended; soon.</returns>
    public async Task FinishAsync()
    {
        Task ending;
        lock (_lock)
        {
            _finished = true;
            ending = _ending;
        }

        _patience?.Dispose();
        await _ended.CancelAsync();
        await ending;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            if (_over)
            {
                return 0;
            }

            _reading++;
        }

        // One source for the stream's whole life would do without the application's token, which it may change at each read.
        using var either = cancellationToken.CanBeCanceled
            ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _ended.Token) : null;
        try
        {
            var read = await inner.ReadAsync(buffer, either?.Token ?? _ended.Token);
            _received.See(buffer.Span[..read]);
            return read;
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // To the application it looks as if the peer had gone.
            return 0;
        }
        finally
        {
            lock (_lock)
            {
                _reading--;
            }
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            if (_refusesWrites)
            {
                throw new IOException("The WebSocket was told goodbye, and has ended.");
            }

            if (_said)
            {
                return;
            }

            try
            {
                await inner.WriteAsync(buffer, cancellationToken);
            }
            catch
            {
                // Nobody knows how much of it is on its way: whatever is said next may come in the middle of a frame.
                _outOfStep = true;
                throw;
            }

            _sent.See(buffer.Span);
            await SayIfDueAsync(cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await inner.FlushAsync(cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _patience?.Dispose();
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    public override async ValueTask DisposeAsync()
    {
        _patience?.Dispose();
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }

    private async ValueTask SayIfDueAsync(CancellationToken cancellationToken)
    {
        // An application that has said Close itself, or begun a frame and not ended it, is not interrupted.
        if (!_wanted || _said || _outOfStep || _sent.HasSeenClose || !_sent.IsAtBoundary)
        {
            return;
        }

        ValueTask saying;
        lock (_lock)
        {
            if (_finished)
            {
                return;
            }

            _said = true;
            // The bytes are taken before the call returns; what is awaited is only their way out.
            saying = inner.WriteAsync(GoingAway, cancellationToken);
        }

        await saying;
        _patience = time.CreateTimer(static state => ((GoodbyeStream)state!).End(), this, AnswerWait, Timeout.InfiniteTimeSpan);
    }

    // From now on the application finds the stream at its end: when it reads at once, when it writes as soon as the answer was
    // looked for, because a WebSocket whose write fails disposes its stream, and then nothing can be read any more.
    private void End()
    {
        lock (_lock)
        {
            if (!_finished)
            {
                _over = true;
                _ending = EndAsync(reads: _reading > 0);
            }
        }
    }

    private async Task EndAsync(bool reads)
    {
        // Not under the caller's lock.
        await Task.Yield();
        if (!reads)
        {
            // An application that only sends has not seen the answer: it may have come all the same.
            await ReadAnswerAsync();
        }

        if (!_received.HasSeenClose)
        {
            unanswered();
        }

        _refusesWrites = true;
        await _ended.CancelAsync();
    }

    private async Task ReadAnswerAsync()
    {
        var buffer = new byte[4096];
        using CancellationTokenSource look = new(AnswerLook, time);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(look.Token, _ended.Token);
        try
        {
            int read;
            while (!_received.HasSeenClose && (read = await inner.ReadAsync(buffer, patience.Token)) > 0)
            {
                _received.See(buffer.AsSpan(0, read));
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            // Nothing more has come.
        }
    }
}
