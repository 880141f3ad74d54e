using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace ActorServer.Kestrel;

/// <summary>The records of a TLS session as they are taken from its transport.</summary>
internal sealed class TlsRecords
{
    // Kind, version and length (RFC 8446, 5.1). The same in every version, and in the handshake too.
    private const int HeaderLength = 5;
    private const int LengthOffset = 3;

    private ReadOnlySequence<byte> _buffer;
    private HeaderBytes _header;
    private int _headerLength;
    private int _payloadLeft;
    private volatile bool _isMidRecord;

    /// <summary>The peer has ended its side, or reset the connection, and somebody has read so.</summary>
    public bool HasEnded { get; set; }

    /// <summary>A record has been taken in part.</summary>
    public bool IsMidRecord => _isMidRecord;

    /// <summary>These bytes have come.</summary>
    public void Seen(ReadOnlySequence<byte> buffer) => _buffer = buffer;

    /// <summary>Of these bytes so many have been taken.</summary>
    public void Take(SequencePosition consumed)
    {
        foreach (var segment in _buffer.Slice(0, consumed))
        {
            See(segment.Span);
        }

        _buffer = default;
        _isMidRecord = _headerLength > 0 || _payloadLeft > 0;
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
