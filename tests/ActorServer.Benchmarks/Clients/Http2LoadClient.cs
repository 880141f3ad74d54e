using System.Buffers.Binary;
using System.Text;

namespace ActorServer.Benchmarks;

/// <summary>One connection of HTTP/2 without TLS, and one stream at a time.</summary>
internal sealed class Http2LoadClient : LoadClient
{
    private const int HeaderLength = 9;
    private const byte Data = 0;
    private const byte Headers = 1;
    private const byte Settings = 4;
    private const byte WindowUpdate = 8;
    private const byte EndStream = 0x1;
    private const byte EndHeaders = 0x4;
    private const byte Acknowledged = 0x1;

    private readonly byte[] _request;
    private readonly byte[] _input = new byte[1 << 14];
    private int _length;
    private int _stream = -1;

    public Http2LoadClient(Uri address)
        : base(address)
    {
        _request = Frame(Headers, EndStream | EndHeaders, stream: 0,
        [
            // HPACK's static table: GET, http; and by names of it the path, the authority and the user agent, as they are.
            0x82, 0x86, 0x04, .. Text(Path), 0x01, .. Text(Host), 0x0f, 0x2b, .. Text(UserAgent),
        ]);
        // No answer ever waits for the connection's window.
        Socket.Send(
        [
            .. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(Settings, 0, stream: 0, []),
            .. Frame(WindowUpdate, 0, stream: 0, [0x7f, 0xff, 0x00, 0x00]),
        ]);
    }

    public override void Send()
    {
        _stream += 2;
        BinaryPrimitives.WriteInt32BigEndian(_request.AsSpan(HeaderLength - sizeof(int)), _stream);
        Socket.Send(_request);
    }

    public override void Receive()
    {
        while (!TakeFrames())
        {
            var count = Socket.Receive(_input.AsSpan(_length));
            _length += count > 0 ? count : throw new InvalidOperationException("The server has ended a connection.");
        }
    }

    private static byte[] Text(string text) => [(byte)text.Length, .. Encoding.ASCII.GetBytes(text)];

    private static byte[] Frame(byte type, byte flags, int stream, byte[] payload)
        => [0, (byte)(payload.Length >> 8), (byte)payload.Length, type, flags, 0, 0, 0, (byte)stream, .. payload];

    // Whether the stream's last one is among them.
    private bool TakeFrames()
    {
        var (at, over) = (0, false);
        while (_length - at >= HeaderLength)
        {
            var header = _input.AsSpan(at, HeaderLength);
            var length = HeaderLength + (header[0] << 16 | header[1] << 8 | header[2]);
            if (_length - at < length)
            {
                break;
            }

            over |= header[3] is Data or Headers && (header[4] & EndStream) != 0;
            if (header[3] == Settings && (header[4] & Acknowledged) == 0)
            {
                Socket.Send(Frame(Settings, Acknowledged, stream: 0, []));
            }

            at += length;
        }

        _input.AsSpan(at, _length - at).CopyTo(_input);
        _length -= at;
        return over;
    }
}
