using System.Buffers.Binary;
using System.Text;
using ActorServer.TestKit;

namespace ActorServer.EndToEnd.Tests.Goodbyes;

/// <summary>One frame as it was on the wire.</summary>
internal sealed record RawFrame(bool IsFinal, int Opcode, byte[] Payload)
{
    public const int Text = 1;
    public const int Close = 8;
    public const int Ping = 9;
    public const int Pong = 10;

    /// <summary>The code of a Close frame.</summary>
    public int CloseCode => BinaryPrimitives.ReadUInt16BigEndian(Payload);
}

/// <summary>A WebSocket client that sees every frame, and answers none by itself.</summary>
internal sealed class RawWebSocket(RawClient client) : IAsyncDisposable
{
    public RawClient Client => client;

    public static async Task<RawWebSocket> ConnectAsync(StartedServer server)
    {
        var client = await RawClient.ConnectAsync(server.Address);
        var response = await client.GetAsync(
            "/ws",
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
        Assert.Equal(101, response.Status);
        return new(client);
    }

    /// <summary>Reads a frame; null at the connection's end.</summary>
    public async Task<RawFrame?> ReadAsync()
    {
        byte[] head;
        try
        {
            head = await ReadExactAsync(2);
        }
        catch (Exception exception) when (exception is EndOfStreamException or IOException)
        {
            return null;
        }

        // A server's frames carry no mask.
        Assert.Equal(0, head[1] & 0x80);
        var length = (head[1] & 0x7f) switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(await ReadExactAsync(2)),
            127 => BinaryPrimitives.ReadInt64BigEndian(await ReadExactAsync(8)),
            var small => small,
        };
        return new((head[0] & 0x80) != 0, head[0] & 0x0f, await ReadExactAsync((int)length));
    }

    /// <summary>Reads all frames to the connection's end.</summary>
    public async Task<List<RawFrame>> ReadToEndAsync()
    {
        List<RawFrame> frames = [];
        while (await ReadAsync() is { } frame)
        {
            frames.Add(frame);
        }

        return frames;
    }

    /// <summary>Sends a short frame, with a mask that changes nothing.</summary>
    public Task SendAsync(int opcode, params byte[] payload)
        => client.SendAsync(new byte[] { (byte)(0x80 | opcode), (byte)(0x80 | payload.Length), 0, 0, 0, 0 }.Concat(payload).ToArray());

    /// <summary>Sends a text.</summary>
    public Task SendAsync(string text) => SendAsync(RawFrame.Text, Encoding.Latin1.GetBytes(text));

    /// <summary>Answers a Close.</summary>
    public Task AnswerAsync(RawFrame close) => SendAsync(RawFrame.Close, close.Payload);

    public ValueTask DisposeAsync() => client.DisposeAsync();

    private async Task<byte[]> ReadExactAsync(int count) => Encoding.Latin1.GetBytes(await client.ReadExactAsync(count));
}
