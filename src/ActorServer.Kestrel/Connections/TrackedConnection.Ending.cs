using System.Diagnostics;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace ActorServer.Kestrel;

/// <content>How it ends.</content>
internal sealed partial class TrackedConnection
{
    private volatile bool _lingers;

    // What comes after the last answer is nobody's any more. Over HTTP/2 that is ordinary: whoever sends has not read GOAWAY yet,
    // and a handshake that fails has no HTTP. Over HTTP/1.x it is what is pipelined, or the rest of what was refused.
    private bool MayHearMore
        => _tls is not null ? _quiet is null || EndsAfterAnswer
            : !IsTlsEndpoint && (IsMultiplexed || (Protocol is null && BytesSent > 0) || EndsAfterAnswer);

    private bool EndsAfterAnswer
        => Cell.Activity is { IsUpgraded: false } activity
            && (activity.IsRefused || (activity.IsEnding && (_announced || _isSpent || LastLook.At(Features) == Sight.Unread)));

    // Kestrel, or the application through it, cuts the connection; or Kestrel gives up one whose peer has gone.
    public override void Abort(ConnectionAbortedException abortReason)
    {
        if (_lingers)
        {
            // All has been said, and the server stops: it ends now, and ends well.
            _lingers = false;
            _pipe.Input.CancelPendingRead();
            return;
        }

        if (!SeesPeerGone())
        {
            Cell.Aborted();
        }

        _inner.Abort(abortReason);
    }

#pragma warning disable CA2215 // The base has nothing to dispose: the inner connection has it all.
    public override async ValueTask DisposeAsync()
#pragma warning restore CA2215
    {
        // Kestrel's connection limit disposes a connection that it turns away, and then its connection manager does.
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        if (_gate.HasLimit && Features.Get<IDecrementConcurrentConnectionCountFeature>() is null)
        {
            // Kestrel's limit marks whom it lets in, and disposes the others by itself.
            Cell.Rejected();
        }

        _ = SeesPeerGone();
        try
        {
            if (_gate.Lingers && !_peerClosed && !IsAbortOrdered
                && Cell.Activity is { IsAborted: false, IsRejected: false } && MayHearMore)
            {
                await LingerAsync();
            }
        }
        finally
        {
            await CloseAsync();
        }
    }

    private async ValueTask CloseAsync()
    {
        try
        {
            _pipe.Records.EndReading();
            await _inner.DisposeAsync();
        }
        finally
        {
            if (!Cell.Activity.IsClosed)
            {
                Cell.Closed();
            }

            _place?.Leave();
        }
    }

    // The end is said, and the socket stays open for what the peer has sent before it heard: closing it would answer with a reset,
    // which takes from the peer what it has not read yet.
    private async ValueTask LingerAsync()
    {
        if ((!_gate.Closed && _gate.Lingering.IsFull)
            || Features.Get<IConnectionSocketFeature>()?.Socket is not { } socket
            || !await HalfClose.IsAllTakenAsync(socket, _pipe, ConnectionClosed))
        {
            return;
        }

        using var departure = _gate.Lingering.Enter();
        if (!Cell.Activity.IsRefused)
        {
            // Before the end can be seen: who has understood comes back at once, and is let in. One that has not keeps its place.
            _place?.Leave();
        }

        _lingers = HalfClose.Try(socket);
        if (_lingers)
        {
            // Nothing waits for a passive peer: from here on it has ended for all who count it.
            Cell.Closed();
            await DiscardAsync();
        }
    }

    private async Task DiscardAsync()
    {
        using CancellationTokenSource patience = new();
        var since = Stopwatch.GetTimestamp();
        try
        {
            bool goesOn;
            do
            {
                var left = Lingering.Max - Stopwatch.GetElapsedTime(since);
                patience.CancelAfter(left < TimeSpan.Zero ? TimeSpan.Zero : left < Lingering.Quiet ? left : Lingering.Quiet);
                var result = await _pipe.Input.ReadAsync(patience.Token);
                _pipe.Input.AdvanceTo(result.Buffer.End);
                goesOn = !result.IsCompleted;
            }
            while (goesOn && _lingers);
        }
        catch (Exception exception)
            when (exception is OperationCanceledException or IOException or SocketException or InvalidOperationException)
        {
            // Its time is over, or the peer has reset it, or the transport is gone: there is nothing more to read.
        }
    }

    private bool SeesEndOfStream()
    {
        try
        {
            return Features.Get<IConnectionSocketFeature>()?.Socket is not { } socket ? Features.Get<IUnreadInputFeature>() is { HasEnded: true }
                : TcpState.IsKnown(socket, out var established) ? !established
                : socket.Poll(TimeSpan.Zero, SelectMode.SelectRead) && socket.Available == 0;
        }
        catch (Exception exception) when (exception is ObjectDisposedException or SocketException)
        {
            // Cut by us, or reset by the peer: an abort is known by other marks.
            return exception is SocketException;
        }
    }
}
