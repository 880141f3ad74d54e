using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace ActorServer.Kestrel;

/// <summary>
/// A transport's input. Over TLS it follows the records that are taken from it: half a record is a request on its way, and
/// nobody else knows of it. Without TLS reading is untouched.
/// </summary>
internal sealed class RecordReader(PipeReader inner, IFeatureCollection features) : PipeReader
{
    // Kind, version and length (RFC 8446, 5.1). The same in every version, and in the handshake too.
    private const int HeaderLength = 5;
    private const int LengthOffset = 3;

    private bool? _isTls;
    private ReadOnlySequence<byte> _buffer;
    private HeaderBytes _header;
    private int _headerLength;
    private int _payloadLeft;
    private volatile bool _isMidRecord;
    private bool _isCompleted;

    /// <summary>Over TLS: the peer has ended its side, or reset the connection, and somebody has read so.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>A record has been taken in part.</summary>
    public bool IsMidRecord => _isMidRecord;

    // Known by the first read: UseHttps says so before its handshake.
    private bool IsTls => _isTls ??= features.Get<ISslStreamFeature>() is not null;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        => IsTls ? ReadRecordsAsync(cancellationToken) : inner.ReadAsync(cancellationToken);

    public override bool TryRead(out ReadResult result)
    {
        var read = inner.TryRead(out result);
        _buffer = IsTls ? result.Buffer : default;
        return read;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (IsTls)
        {
            foreach (var segment in _buffer.Slice(0, consumed))
            {
                See(segment.Span);
            }

            _buffer = default;
            _isMidRecord = _headerLength > 0 || _payloadLeft > 0;
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

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> ReadRecordsAsync(CancellationToken cancellationToken)
    {
        try
        {
            var result = await inner.ReadAsync(cancellationToken);
            HasEnded |= result.IsCompleted;
            _buffer = result.Buffer;
            return result;
        }
        catch (ConnectionResetException)
        {
            HasEnded = true;
            throw;
        }
    }

    private void See(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_payloadLeft > 0)
            {
                var skipped = Math.Min(bytes.Length, _payloadLeft);
                _payloadLeft -= skipped;
                bytes = bytes[skipped..];
                continue;
            }

            _header[_headerLength++] = bytes[0];
            bytes = bytes[1..];
            if (_headerLength == HeaderLength)
            {
                ReadOnlySpan<byte> header = _header;
                _payloadLeft = BinaryPrimitives.ReadUInt16BigEndian(header[LengthOffset..]);
                _headerLength = 0;
            }
        }
    }

    [InlineArray(HeaderLength)]
    private struct HeaderBytes
    {
        private byte _first;
    }
}
