using System.Diagnostics;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace ActorServer.Kestrel;

/// <content>How it ends.</content>
internal sealed partial class TrackedConnection
{
    private PipeReader? _discarded;

    // What comes after the last answer is nobody's any more. Over HTTP/2 that is ordinary: whoever sends has not read GOAWAY yet,
    // and a handshake that fails has no HTTP. Over HTTP/1.x it is what is pipelined, or the rest of what was refused.
    private bool MayHearMore
        => IsHttp2 || EndsAfterAnswer || (_tls is null && !IsTlsEndpoint && Protocol is null && BytesSent > 0);

    // Known before the first request: by what TLS has agreed on, or by the preface.
    private bool IsHttp2 => IsMultiplexed || (_tls is not null && _quiet is null) || _pipe.Records.HasPreface;

    private bool EndsAfterAnswer
        => Cell.Activity is { IsUpgraded: false } activity
            && (activity.IsRefused || (activity.IsEnding && (_announced || _isSpent || LastLook.At(Features) == Sight.Unread)));

    // Kestrel, or the application through it, cuts the connection; or Kestrel gives up one whose peer has gone.
    public override void Abort(ConnectionAbortedException abortReason)
    {
        GiveUp();
        if (Interlocked.Exchange(ref _discarded, null) is { } input)
        {
            // All has been said, and the server stops: it ends now, and ends well. Its end may be under way already.
            input.CancelPendingRead();
            return;
        }

        if (!Cell.Activity.IsClosed && !SeesPeerGone())
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
            if (MayHearMore)
            {
                await LingerAsync(_pipe.Input);
            }
        }
        finally
        {
            await CloseAsync();
        }
    }

    /// <summary>
    /// The last has been said, and the socket stays open for what the peer has sent before it heard: closing it would answer with a
    /// reset, which takes from the peer what it has not read yet. Does nothing where that cannot be, or was done.
    /// </summary>
    /// <param name="input">What the peer sends.</param>
    public async Task LingerAsync(PipeReader input)
    {
        if (!_gate.Lingers || IsAbortOrdered || SeesPeerGone()
            || Cell.Activity is not { IsClosed: false, IsAborted: false, IsRejected: false })
        {
            return;
        }

        var socket = Features.Get<IConnectionSocketFeature>()?.Socket;
        var taken = await HalfClose.IsAllTakenAsync(socket, _pipe, IsHttp2 ? Lingering.Max : HalfClose.WaitMax, ConnectionClosed);
        if (taken == false || (taken is null && !IsHttp2) || (!_gate.Closed && _gate.Lingering.IsFull))
        {
            return;
        }

        using var departure = _gate.Lingering.Enter();
        if (!Cell.Activity.IsRefused)
        {
            // Before the end can be seen: who has understood comes back at once, and is let in. One that has not keeps its place.
            LeavePlace();
        }

        // Over HTTP/2 the last GOAWAY is the end, and its reader closes. FIN right behind it fails requests that a client has
        // begun and not sent yet: .NET's sends them again for GOAWAY alone.
        if (!IsHttp2 && !HalfClose.Try(socket!))
        {
            return;
        }

        Volatile.Write(ref _discarded, input);
        if (taken == true)
        {
            // Nothing waits for a passive peer: from here on it has ended for all who count it.
            Cell.Closed();
        }

        await DiscardAsync(input);
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

    // Over TLS Kestrel's own limit would count it as long as it lingers.
    private void LeavePlace()
    {
        _place?.Leave();
        Features.Get<IDecrementConcurrentConnectionCountFeature>()?.ReleaseConnection();
    }

    private async Task DiscardAsync(PipeReader input)
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
                var result = await input.ReadAsync(patience.Token);
                input.AdvanceTo(result.Buffer.End);
                goesOn = !result.IsCompleted;
            }
            while (goesOn && Volatile.Read(ref _discarded) is not null);
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
