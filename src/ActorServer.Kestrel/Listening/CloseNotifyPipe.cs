using System.IO.Pipelines;
using System.Net.Security;

namespace ActorServer.Kestrel;

/// <summary>A decrypted pipe whose end says close_notify, which Kestrel leaves out: a peer can tell an end from a cut.</summary>
internal sealed class CloseNotifyPipe(IDuplexPipe inner, SslStream stream) : PipeWriter, IDuplexPipe
{
    private readonly PipeWriter _output = inner.Output;
    private int _ended;

    public PipeReader Input => inner.Input;

    public PipeWriter Output => this;

    public override bool CanGetUnflushedBytes => _output.CanGetUnflushedBytes;

    public override long UnflushedBytes => _output.UnflushedBytes;

    public override void Advance(int bytes) => _output.Advance(bytes);

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
        => _output.WriteAsync(source, cancellationToken);

    public override Memory<byte> GetMemory(int sizeHint = 0) => _output.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _output.GetSpan(sizeHint);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => _output.FlushAsync(cancellationToken);

    public override void CancelPendingFlush() => _output.CancelPendingFlush();

    public override void Complete(Exception? exception = null)
    {
        _output.Complete(exception);
        SayGoodbye();
    }

    public override async ValueTask CompleteAsync(Exception? exception = null)
    {
        await _output.CompleteAsync(exception);
        SayGoodbye();
    }

    private void SayGoodbye()
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            // It writes one record into the transport's pipe, which has room for it unless the peer reads nothing;
            // such a peer is not waited for.
            _ = ShutdownAsync();
        }
    }

    private async Task ShutdownAsync()
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
