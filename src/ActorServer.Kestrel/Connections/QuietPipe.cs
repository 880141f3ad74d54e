using System.IO.Pipelines;
using System.Net.Security;
using System.Runtime.CompilerServices;

namespace ActorServer.Kestrel;

/// <summary>
/// The decrypted input of an HTTP/1.x connection: Kestrel ends a quiet one by cancelling its read for the next request, and
/// that read says goodbye.
/// </summary>
/// <remarks>Not before: a session that has said goodbye can write nothing more, and a request may be half read.</remarks>
internal sealed class QuietPipe(IDuplexPipe inner, SslStream stream, TrackedConnection connection) : PipeReader, IDuplexPipe
{
    private readonly PipeReader _input = inner.Input;
    private SequencePosition _start;
    private bool _isMidRequest;
    private volatile bool _awaitsRequest;

    public PipeReader Input => this;

    public PipeWriter Output => inner.Output;

    /// <summary>The next request is being waited for: a close that is requested now finds the read that says goodbye.</summary>
    public bool AwaitsRequest => _awaitsRequest;

    /// <summary>A request has ended: what is read from now on is the next one.</summary>
    public void RequestEnded() => _isMidRequest = false;

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _isMidRequest |= !consumed.Equals(_start);
        _input.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => _input.CancelPendingRead();

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        => connection.Cell.Activity.InFlight == 0 ? ReadNextAsync(cancellationToken) : _input.ReadAsync(cancellationToken);

    public override bool TryRead(out ReadResult result) => _input.TryRead(out result);

    public override void Complete(Exception? exception = null) => _input.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => _input.CompleteAsync(exception);

    // A read for each request: its state machine is pooled.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> ReadNextAsync(CancellationToken cancellationToken)
    {
        _awaitsRequest = true;
        var result = await _input.ReadAsync(cancellationToken);
        if (connection.LooksForUnread && EndsQuietly(result))
        {
            _input.AdvanceTo(result.Buffer.Start);
            result = await LookOnceMoreAsync(cancellationToken);
        }

        _awaitsRequest = false;
        _start = result.Buffer.Start;
        if (EndsQuietly(result))
        {
            // Purposefully not awaited: a peer that does not read would hold Kestrel here, where none of its timeouts runs.
            _ = CloseNotify.SendAsync(stream);
        }

        return result;
    }

    private bool EndsQuietly(ReadResult result) => result.IsCanceled && result.Buffer.IsEmpty && !_isMidRequest;

    // A cancelled read leaves what the transport has read, and it has not decrypted. A new one takes that at once; when there is
    // nothing it is cancelled too. When there is half a record a request is arriving: Kestrel's timeout still bounds the waiting,
    // unless it is that which has cancelled.
    private ValueTask<ReadResult> LookOnceMoreAsync(CancellationToken cancellationToken)
    {
        var look = _input.ReadAsync(cancellationToken);
        if (!look.IsCompleted && !(connection.IsClosing && connection.IsMidRecord))
        {
            _input.CancelPendingRead();
        }

        return look;
    }
}
