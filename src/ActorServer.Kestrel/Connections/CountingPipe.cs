using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace ActorServer.Kestrel;

/// <summary>A transport's pipe that counts the bytes handed to it, and follows the records of TLS that are read.</summary>
internal sealed class CountingPipe(IDuplexPipe inner, IFeatureCollection features) : PipeWriter, IDuplexPipe
{
    private readonly PipeWriter _output = inner.Output;
    private long _bytesSent;

    public long BytesSent => Volatile.Read(ref _bytesSent);

    public RecordReader Records { get; } = new(inner.Input, features);

    public PipeReader Input => Records;

    public PipeWriter Output => this;

    public override bool CanGetUnflushedBytes => _output.CanGetUnflushedBytes;

    public override long UnflushedBytes => _output.UnflushedBytes;

    public override void Advance(int bytes)
    {
        // One writer at a time: that is the contract of every pipe.
        Volatile.Write(ref _bytesSent, _bytesSent + bytes);
        _output.Advance(bytes);
    }

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        Volatile.Write(ref _bytesSent, _bytesSent + source.Length);
        return _output.WriteAsync(source, cancellationToken);
    }

    public override Memory<byte> GetMemory(int sizeHint = 0) => _output.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _output.GetSpan(sizeHint);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => _output.FlushAsync(cancellationToken);

    public override void CancelPendingFlush() => _output.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => _output.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => _output.CompleteAsync(exception);
}
