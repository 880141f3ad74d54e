using System.Buffers.Binary;

namespace ActorServer.Kestrel;

/// <summary>Follows the frames of one direction of a WebSocket, byte by byte, without holding any (RFC 6455, 5.2).</summary>
internal struct FrameScanner
{
    private const int OpcodeMask = 0x0f;
    private const int CloseOpcode = 0x8;
    private const int MaskBit = 0x80;
    private const int LengthMask = 0x7f;
    private const int HeaderMax = 14;

    private HeaderBytes _header;
    private int _headerLength;
    private ulong _payloadLeft;
    private bool _inPayload;
    private bool _isClose;

    /// <summary>The last byte seen was the last of a frame, or none has been seen.</summary>
    public readonly bool IsAtBoundary => _headerLength == 0 && _payloadLeft == 0;

    /// <summary>A whole Close frame has been seen.</summary>
    public bool HasSeenClose { get; private set; }

    /// <summary>Sees the next bytes.</summary>
    public void See(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_payloadLeft > 0)
            {
                var skipped = (int)Math.Min((ulong)bytes.Length, _payloadLeft);
                _payloadLeft -= (ulong)skipped;
                bytes = bytes[skipped..];
            }
            else
            {
                _header[_headerLength++] = bytes[0];
                bytes = bytes[1..];
                ReadHeader();
            }

            EndFrame();
        }
    }

    private void ReadHeader()
    {
        if (_headerLength < 2)
        {
            return;
        }

        var length = _header[1] & LengthMask;
        var extended = length == 126 ? 2 : length == 127 ? 8 : 0;
        var whole = 2 + extended + ((_header[1] & MaskBit) != 0 ? 4 : 0);
        if (_headerLength < whole)
        {
            return;
        }

        ReadOnlySpan<byte> header = _header;
        _payloadLeft = extended switch
        {
            2 => BinaryPrimitives.ReadUInt16BigEndian(header[2..]),
            8 => BinaryPrimitives.ReadUInt64BigEndian(header[2..]),
            _ => (ulong)length,
        };
        _isClose = (_header[0] & OpcodeMask) == CloseOpcode;
        _inPayload = true;
        _headerLength = 0;
    }

    private void EndFrame()
    {
        if (_inPayload && _payloadLeft == 0)
        {
            _inPayload = false;
            HasSeenClose |= _isClose;
        }
    }

    [System.Runtime.CompilerServices.InlineArray(HeaderMax)]
    private struct HeaderBytes
    {
        private byte _first;
    }
}
