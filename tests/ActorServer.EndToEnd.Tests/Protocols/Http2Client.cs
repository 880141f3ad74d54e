using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace ActorServer.EndToEnd.Tests;

/// <summary>A client at the level of HTTP/2's frames: opens streams by number, and sees every frame as it comes.</summary>
internal sealed class Http2Client : IAsyncDisposable
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly bool _tls;

    private Http2Client(Socket socket, Stream stream, bool tls) => (_socket, _stream, _tls) = (socket, stream, tls);

    /// <summary>Connects, by prior knowledge or ALPN, and exchanges settings.</summary>
    public static async Task<Http2Client> ConnectAsync(Uri address)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(address.Host, address.Port);
        Stream stream = new NetworkStream(socket, ownsSocket: true);
        var tls = address.Scheme == Uri.UriSchemeHttps;
        if (tls)
        {
            SslStream secure = new(stream);
            stream = secure;
            await secure.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                ApplicationProtocols = [SslApplicationProtocol.Http2],
#pragma warning disable CA5359 // The tests' certificates are made by the tests.
                RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
            });
        }

        return await BeginAsync(socket, stream, tls);
    }

    /// <summary>Connects by prior knowledge to a Unix socket, and exchanges settings.</summary>
    public static async Task<Http2Client> ConnectAsync(UnixDomainSocketEndPoint path)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(path);
        return await BeginAsync(socket, new NetworkStream(socket, ownsSocket: true), tls: false);
    }

    private static async Task<Http2Client> BeginAsync(Socket socket, Stream stream, bool tls)
    {
        Http2Client client = new(socket, stream, tls);
        await client._stream.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray());
        await client.SendAsync(Http2FrameType.Settings, flags: 0, streamId: 0, []);
        return client;
    }

    /// <summary>Opens a stream with a request.</summary>
    /// <param name="streamId">Odd, and higher than those before.</param>
    /// <param name="path">The path; shorter than 127 characters.</param>
    /// <param name="ends">The request has no body.</param>
    public Task OpenAsync(int streamId, string path, bool ends = true)
    {
        // Method and scheme by their number in HPACK's static table; path and authority are said, and not remembered.
        byte[] headers =
        [
            ends ? (byte)0x82 : (byte)0x83, _tls ? (byte)0x87 : (byte)0x86,
            0x04, (byte)path.Length, .. Encoding.ASCII.GetBytes(path),
            0x01, 9, .. "localhost"u8,
        ];
        const byte endHeaders = 0x4;
        return SendAsync(Http2FrameType.Headers, (byte)(endHeaders | (ends ? Http2Frame.EndStream : 0)), streamId, headers);
    }

    /// <summary>Sends some of a request's body.</summary>
    public Task SendDataAsync(int streamId, string data, bool ends)
        => SendAsync(Http2FrameType.Data, ends ? Http2Frame.EndStream : (byte)0, streamId, Encoding.ASCII.GetBytes(data));

    /// <summary>Asks for a sign of life, and waits for it.</summary>
    /// <returns>What came before it.</returns>
    public async Task<IReadOnlyList<Http2Frame>> PingAsync()
    {
        await SendAsync(Http2FrameType.Ping, flags: 0, streamId: 0, new byte[8]);
        return await ReadUntilAsync(f => f is { Type: Http2FrameType.Ping, IsAcknowledgement: true });
    }

    /// <summary>Reads frames up to the one that is waited for.</summary>
    /// <returns>All of them, that one last.</returns>
    /// <exception cref="EndOfStreamException">The connection ended without it.</exception>
    public async Task<IReadOnlyList<Http2Frame>> ReadUntilAsync(Func<Http2Frame, bool> isWaitedFor)
    {
        List<Http2Frame> frames = [];
        do
        {
            frames.Add(await ReadFrameAsync()
                ?? throw new EndOfStreamException($"The connection ended after {string.Join(", ", frames)}."));
        }
        while (!isWaitedFor(frames[^1]));
        return frames;
    }

    /// <summary>Reads a response to its end.</summary>
    public async Task<(bool Ok, string Body)> ReadResponseAsync(int streamId)
    {
        var frames = await ReadUntilAsync(f => f.StreamId == streamId && f.EndsStream);
        return Http2Frame.Response(frames, streamId);
    }

    /// <summary>Reads to the connection's end.</summary>
    /// <exception cref="IOException">It was reset.</exception>
    public async Task<IReadOnlyList<Http2Frame>> ReadToEndAsync()
    {
        List<Http2Frame> frames = [];
        while (await ReadFrameAsync() is { } frame)
        {
            frames.Add(frame);
        }

        return frames;
    }

    /// <summary>Ends the client's half of the connection, without a word.</summary>
    public void ShutdownSend() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Resets the connection.</summary>
    public void Reset()
    {
        _socket.LingerState = new(enable: true, seconds: 0);
        _socket.Close();
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async Task<Http2Frame?> ReadFrameAsync()
    {
        using CancellationTokenSource patience = new(WaitMax);
        var head = new byte[9];
        if (await _stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, patience.Token) < head.Length)
        {
            return null;
        }

        var payload = new byte[(head[0] << 16) | (head[1] << 8) | head[2]];
        await _stream.ReadExactlyAsync(payload, patience.Token);
        Http2Frame frame = new((Http2FrameType)head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)), payload);
        if (frame is { Type: Http2FrameType.Settings, IsAcknowledgement: false })
        {
            await SendAsync(Http2FrameType.Settings, Http2Frame.Acknowledgement, streamId: 0, []);
        }

        return frame;
    }

    private async Task SendAsync(Http2FrameType type, byte flags, int streamId, byte[] payload)
    {
        byte[] frame = [0, (byte)(payload.Length >> 8), (byte)payload.Length, (byte)type, flags, 0, 0, 0, 0, .. payload];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), streamId);
        await _stream.WriteAsync(frame);
    }
}
