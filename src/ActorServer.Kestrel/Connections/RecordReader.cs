using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace ActorServer.Kestrel;

/// <summary>
/// A transport's input. Over TLS it follows the records that are taken from it: half a record is a request on its way, and
/// nobody else knows of it. Without TLS reading is untouched; what is taken first tells whether the peer speaks HTTP/2.
/// </summary>
internal sealed class RecordReader(PipeReader inner, IFeatureCollection features) : PipeReader
{
    private TlsRecords? _records;
    private bool _isPlain;
    private bool _isBegun;
    private bool _isCompleted;

    /// <summary>Over TLS: the peer has ended its side, or reset the connection, and somebody has read so.</summary>
    public bool HasEnded => Volatile.Read(ref _records)?.HasEnded == true;

    /// <summary>A record has been taken in part.</summary>
    public bool IsMidRecord => Volatile.Read(ref _records)?.IsMidRecord == true;

    /// <summary>Without TLS: the peer has begun with HTTP/2's preface.</summary>
    public bool HasPreface { get; private set; }

    // Known by the first read: UseHttps says so before its handshake.
    private TlsRecords? Records => _isPlain ? null : _records ?? Find();

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        => Records is { } records ? ReadAsync(records, cancellationToken) : inner.ReadAsync(cancellationToken);

    public override bool TryRead(out ReadResult result)
    {
        var read = inner.TryRead(out result);
        Records?.Seen(result.Buffer);
        return read;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (Records is { } records)
        {
            records.Take(consumed);
        }
        else if (!_isBegun)
        {
            Begin(consumed);
        }

        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    // Not passed on yet: Kestrel has read what it wants, and what still comes may have to be thrown away.
    public override void Complete(Exception? exception = null) => _isCompleted = true;

    /// <summary>Nothing more is read, by nobody.</summary>
    public void EndReading()
    {
        if (_isCompleted)
        {
            inner.Complete();
        }
    }

    // The first bytes that are taken lie at the start of their memory, and are still there. Nothing is taken of half a preface.
    private void Begin(SequencePosition consumed)
    {
        _isBegun = consumed.GetInteger() > 0;
        HasPreface = _isBegun && consumed.GetObject() is ReadOnlySequenceSegment<byte> segment
            && segment.Memory.Span.StartsWith("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8);
    }

    private TlsRecords? Find()
    {
        if (features.Get<ISslStreamFeature>() is null)
        {
            _isPlain = true;
            return null;
        }

        TlsRecords records = new();
        Volatile.Write(ref _records, records);
        return records;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> ReadAsync(TlsRecords records, CancellationToken cancellationToken)
    {
        try
        {
            var result = await inner.ReadAsync(cancellationToken);
            records.HasEnded |= result.IsCompleted;
            records.Seen(result.Buffer);
            return result;
        }
        catch (ConnectionResetException)
        {
            records.HasEnded = true;
            throw;
        }
    }
}
