using System.IO.Pipelines;
using System.Net.Security;

namespace ActorServer.Kestrel;

/// <summary>Ends a TLS session with close_notify, which Kestrel leaves out: the peer can tell an end from a cut.</summary>
internal static class CloseNotify
{
    public static async Task SendAsync(SslStream stream)
    {
        try
        {
            await stream.ShutdownAsync();
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException or NotSupportedException)
        {
            // Cut already, by either side: there is nobody to say it to.
        }
    }
}

/// <summary>
/// The decrypted input of an HTTP/2 connection. Kestrel cancels the reading and completes the input as its last act, after the last
/// GOAWAY. When the peer ends first the input completes without a cancel, while frames are still being written: no goodbye then.
/// </summary>
internal sealed class GoodbyePipe(IDuplexPipe inner, SslStream stream, TrackedConnection connection) : PipeReader, IDuplexPipe
{
    private readonly PipeReader _input = inner.Input;
    private volatile bool _cancelled;

    public PipeReader Input => this;

    public PipeWriter Output => inner.Output;

    public override void AdvanceTo(SequencePosition consumed) => _input.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => _input.AdvanceTo(consumed, examined);

    public override void CancelPendingRead()
    {
        _cancelled = true;
        _input.CancelPendingRead();
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => _input.ReadAsync(cancellationToken);

    public override bool TryRead(out ReadResult result) => _input.TryRead(out result);

    public override void Complete(Exception? exception = null) => _input.Complete(exception);

    public override async ValueTask CompleteAsync(Exception? exception = null)
    {
        if (exception is null && _cancelled)
        {
            await connection.LingerAsync(_input);
            await CloseNotify.SendAsync(stream);
        }

        await _input.CompleteAsync(exception);
    }
}
