using System.Buffers.Binary;
using System.Text;

namespace ActorServer.EndToEnd.Tests;

/// <summary>HTTP/2's frames, by their numbers.</summary>
internal enum Http2FrameType
{
    Data = 0,
    Headers = 1,
    ResetStream = 3,
    Settings = 4,
    Ping = 6,
    GoAway = 7,
    WindowUpdate = 8,
}

/// <summary>One frame as it was on the wire.</summary>
internal sealed record Http2Frame(Http2FrameType Type, byte Flags, int StreamId, byte[] Payload)
{
    /// <summary>The flag of a stream's last frame.</summary>
    public const byte EndStream = 0x1;

    /// <summary>The flag of an answer to SETTINGS or PING.</summary>
    public const byte Acknowledgement = 0x1;

    /// <summary>The stream that GOAWAY names when it does not say yet which is the last.</summary>
    public const int AnyStream = int.MaxValue;

    public bool EndsStream
        => Type == Http2FrameType.ResetStream
            || (Type is Http2FrameType.Data or Http2FrameType.Headers && (Flags & EndStream) != 0);

    public bool IsAcknowledgement => (Flags & Acknowledgement) != 0;

    public bool IsReset => Type == Http2FrameType.ResetStream;

    /// <summary>Why a stream was reset.</summary>
    public int ResetError => BinaryPrimitives.ReadInt32BigEndian(Payload);

    /// <summary>GOAWAY's last stream and error.</summary>
    public (int LastStream, int Error) GoAway
        => (BinaryPrimitives.ReadInt32BigEndian(Payload), BinaryPrimitives.ReadInt32BigEndian(Payload.AsSpan(4)));

    /// <summary>Puts a response together.</summary>
    public static (bool Ok, string Body) Response(IEnumerable<Http2Frame> frames, int streamId)
    {
        var own = frames.Where(f => f.StreamId == streamId).ToList();
        Assert.DoesNotContain(own, f => f.Type == Http2FrameType.ResetStream);
        // ":status: 200" by its number in HPACK's static table.
        var ok = own.First(f => f.Type == Http2FrameType.Headers).Payload[0] == 0x88;
        return (ok, string.Concat(own.Where(f => f.Type == Http2FrameType.Data).Select(f => Encoding.ASCII.GetString(f.Payload))));
    }

    public override string ToString() => Type == Http2FrameType.GoAway ? $"GoAway{GoAway}" : $"{Type}({StreamId})";
}
