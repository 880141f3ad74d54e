using System.Buffers;
using System.IO.Pipelines;

namespace ActorServer.Kestrel;

/// <summary>A request's pipe that counts what is consumed of it.</summary>
internal sealed class CountingReader(PipeReader inner, LoggedRequest request) : PipeReader
{
    private ReadOnlySequence<byte> _read;

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        => See(await inner.ReadAsync(cancellationToken));

    public override bool TryRead(out ReadResult result)
    {
        var has = inner.TryRead(out result);
        if (has)
        {
            See(result);
        }

        return has;
    }

    public override void AdvanceTo(SequencePosition consumed)
    {
        Count(consumed);
        inner.AdvanceTo(consumed);
    }

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        Count(consumed);
        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    private ReadResult See(ReadResult result)
    {
        _read = result.Buffer;
        return result;
    }

    // Before the buffer is given back.
    private void Count(SequencePosition consumed)
    {
        if (!_read.IsEmpty)
        {
            request.Read(_read.Slice(0, consumed).Length);
            _read = default;
        }
    }
}
