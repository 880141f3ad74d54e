using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace ActorServer.TestKit;

/// <summary>A client at the level of the socket: sends what it is told, byte by byte, and sees every close and reset.</summary>
public sealed class RawClient : IAsyncDisposable
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    private readonly Socket? _socket;
    private readonly InMemoryConnection? _memory;
    private readonly Stream _stream;
    private readonly List<byte> _unread = [];

    private RawClient(Socket socket, Stream stream) => (_socket, _stream) = (socket, stream);

    private RawClient(InMemoryConnection memory) => (_memory, _stream) = (memory, memory);

    /// <summary>Its own end of the connection, as the server's snapshot names its peer.</summary>
    public string LocalEnd => (_memory?.LocalEndPoint ?? Socket.LocalEndPoint) switch
    {
        IPEndPoint { Address.IsIPv4MappedToIPv6: true } mapped => new IPEndPoint(mapped.Address.MapToIPv4(), mapped.Port).ToString(),
        var end => end!.ToString()!,
    };

    /// <summary>The socket, for a test that looks deeper.</summary>
    /// <exception cref="InvalidOperationException">There is none: the connection is in memory.</exception>
    public Socket Socket => _socket ?? throw new InvalidOperationException("A connection in memory has no socket.");

    /// <summary>Makes a client of a socket that the test has connected, and of the stream that it has laid over it.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="stream">What is written and read; owns the socket.</param>
    public static RawClient Over(Socket socket, Stream stream) => new(socket, stream);

    /// <summary>Makes a client of a connection in memory.</summary>
    /// <param name="connection">The client's end; owned from now on.</param>
    public static RawClient Over(InMemoryConnection connection) => new(connection);

    /// <summary>Connects to an end point: an address and port, or the path of a Unix socket.</summary>
    /// <param name="endPoint">The end point.</param>
    public static async Task<RawClient> ConnectAsync(EndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        var isUnix = endPoint.AddressFamily == AddressFamily.Unix;
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, isUnix ? ProtocolType.Unspecified : ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(endPoint);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        return new(socket, new NetworkStream(socket, ownsSocket: true));
    }

    /// <summary>Connects to a server's address; over TLS when that says https, with any certificate.</summary>
    /// <param name="address">The address.</param>
    /// <param name="applicationProtocol">What to offer by ALPN; null: nothing.</param>
    public static async Task<RawClient> ConnectAsync(Uri address, SslApplicationProtocol? applicationProtocol = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(address.Host, address.Port);
        Stream stream = new NetworkStream(socket, ownsSocket: true);
        if (address.Scheme != Uri.UriSchemeHttps)
        {
            return new(socket, stream);
        }

#pragma warning disable CA5359 // The tests' certificates are made by the tests.
        var tls = new SslStream(stream, leaveInnerStreamOpen: false, static (_, _, _, _) => true);
#pragma warning restore CA5359
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            ApplicationProtocols = applicationProtocol is { } protocol ? [protocol] : null,
        });
        return new(socket, tls);
    }

    /// <summary>Sends text as Latin-1.</summary>
    /// <param name="text">The text.</param>
    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>Sends bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        await _stream.WriteAsync(bytes);
        await _stream.FlushAsync();
    }

    /// <summary>Sends a GET.</summary>
    /// <param name="path">The path.</param>
    /// <param name="headers">More header lines, each with its line end.</param>
    public Task SendGetAsync(string path, string headers = "") => SendAsync($"GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");

    /// <summary>Sends a GET and reads its response.</summary>
    /// <param name="path">The path.</param>
    /// <param name="headers">More header lines, each with its line end.</param>
    public async Task<RawResponse> GetAsync(string path, string headers = "")
    {
        await SendGetAsync(path, headers);
        return await ReadResponseAsync();
    }

    /// <summary>Reads one response, its body by Content-Length or chunks.</summary>
    /// <exception cref="EndOfStreamException">The connection ended before the response did.</exception>
    /// <exception cref="IOException">The connection was reset.</exception>
    public async Task<RawResponse> ReadResponseAsync()
    {
        var head = await ReadUntilAsync("\r\n\r\n");
        var lines = head.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines.Skip(1).Select(l => l.Split(':', 2)).ToLookup(p => p[0], p => p[1].Trim(), StringComparer.OrdinalIgnoreCase);
        var status = int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture);
        var body = status == 101 || status == 204 ? ""
            : headers["Transfer-Encoding"].Contains("chunked") ? await ReadChunksAsync()
            : await ReadExactAsync(int.Parse(headers["Content-Length"].FirstOrDefault() ?? "0", CultureInfo.InvariantCulture));
        return new(status, headers, body);
    }

    /// <summary>Reads text up to and with an end mark.</summary>
    /// <param name="end">The mark.</param>
    public async Task<string> ReadUntilAsync(string end)
    {
        ArgumentNullException.ThrowIfNull(end);
        StringBuilder text = new();
        while (text.Length < end.Length || text.ToString(text.Length - end.Length, end.Length) != end)
        {
            text.Append((char)await ReadByteAsync());
        }

        return text.ToString();
    }

    /// <summary>Reads this many bytes as Latin-1.</summary>
    /// <param name="count">How many.</param>
    public async Task<string> ReadExactAsync(int count)
    {
        StringBuilder text = new(count);
        while (text.Length < count)
        {
            text.Append((char)await ReadByteAsync());
        }

        return text.ToString();
    }

    /// <summary>Reads text up to the connection's end.</summary>
    /// <exception cref="IOException">The connection was reset.</exception>
    public async Task<string> ReadToEndAsync()
    {
        StringBuilder text = new();
        try
        {
            while (true)
            {
                text.Append((char)await ReadByteAsync());
            }
        }
        catch (EndOfStreamException)
        {
            return text.ToString();
        }
    }

    /// <summary>Waits for the connection's end; whatever still comes is passed over.</summary>
    /// <returns>How it ended.</returns>
    public async Task<RawEnd> ReadEndAsync()
    {
        try
        {
            while (true)
            {
                await ReadByteAsync();
            }
        }
        catch (EndOfStreamException)
        {
            return RawEnd.Closed;
        }
        catch (IOException)
        {
            return RawEnd.Reset;
        }
    }

    /// <summary>Ends the client's half of the connection.</summary>
    public void ShutdownSend()
    {
        _memory?.ShutdownSend();
        _socket?.Shutdown(SocketShutdown.Send);
    }

    /// <summary>Resets the connection.</summary>
    public void Reset()
    {
        _memory?.Reset();
        _socket?.LingerState = new(enable: true, seconds: 0);
        _socket?.Close();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async Task<string> ReadChunksAsync()
    {
        StringBuilder body = new();
        while (true)
        {
            var size = int.Parse((await ReadUntilAsync("\r\n")).Split(';')[0].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            body.Append(await ReadExactAsync(size));
            await ReadExactAsync(2);
            if (size == 0)
            {
                return body.ToString();
            }
        }
    }

    private async ValueTask<byte> ReadByteAsync()
    {
        if (_unread.Count == 0)
        {
            var buffer = new byte[8192];
            using CancellationTokenSource patience = new(WaitMax);
            var read = await _stream.ReadAsync(buffer, patience.Token);
            if (read == 0)
            {
                throw new EndOfStreamException("The server closed the connection.");
            }

            // Last in, first out: the list is a stack.
            _unread.AddRange(buffer.AsSpan(0, read).ToArray().Reverse());
        }

        var next = _unread[^1];
        _unread.RemoveAt(_unread.Count - 1);
        return next;
    }
}
