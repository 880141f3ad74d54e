using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace ActorServer.DrainLab;

/// <summary>How a request was answered.</summary>
/// <param name="Status">The status.</param>
/// <param name="AnnouncesClose">The connection ends after it.</param>
internal readonly record struct Answer(int Status, bool AnnouncesClose);

/// <summary>One HTTP/1.1 connection at the level of the socket: every close, reset and cut is seen as it happens.</summary>
internal sealed class Http1Wire : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;
    private Task<int>? _ahead;

    private Http1Wire(Socket socket, Stream stream) => (_socket, _stream) = (socket, stream);

    /// <summary>The server has ended the connection, and this end of it knows. Asked between two requests.</summary>
    public bool HasEnded
    {
        get
        {
            // A TLS session speaks up between requests too, so only a read can tell.
            _ahead ??= _stream is SslStream ? _stream.ReadAsync(_buffer).AsTask() : null;
            if (_ahead is not null)
            {
                return _ahead.IsCompleted && (!_ahead.IsCompletedSuccessfully || _ahead.Result == 0);
            }

            try
            {
                return _start == _end && _socket.Poll(TimeSpan.Zero, SelectMode.SelectRead) && _socket.Available == 0;
            }
            catch (SocketException)
            {
                return true;
            }
        }
    }

    /// <summary>Connects.</summary>
    /// <returns>Null when the server does not take the connection.</returns>
    public static async Task<Http1Wire?> ConnectAsync(IPEndPoint server, CancellationToken cancellationToken)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server, cancellationToken);
            return new(socket, new NetworkStream(socket, ownsSocket: true));
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            return null;
        }
    }

    /// <summary>The same connection, secured.</summary>
    /// <exception cref="IOException">It was cut in its handshake.</exception>
    public async Task<Http1Wire> SecureAsync(CancellationToken cancellationToken)
    {
        SslStream tls = new(_stream);
        await tls.AuthenticateAsClientAsync(Tls.Options(SslApplicationProtocol.Http11), cancellationToken);
        return new(_socket, tls);
    }

    public async Task SendAsync(string text, CancellationToken cancellationToken)
        => await _stream.WriteAsync(Encoding.Latin1.GetBytes(text), cancellationToken);

    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        => await _stream.WriteAsync(bytes, cancellationToken);

    /// <summary>Reads one answer with its body, the interim ones too.</summary>
    /// <exception cref="IOException">The connection ended before the answer did.</exception>
    public async Task<Answer> ReadAnswerAsync(CancellationToken cancellationToken)
    {
        var status = int.Parse((await ReadLineAsync(cancellationToken)).Split(' ')[1], CultureInfo.InvariantCulture);
        var (close, chunked, length) = (false, false, -1L);
        string line;
        while ((line = await ReadLineAsync(cancellationToken)).Length > 0)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var (name, value) = (line[..colon], line[(colon + 1)..].Trim());
            close |= Is(name, "Connection") && value.Contains("close", StringComparison.OrdinalIgnoreCase);
            chunked |= Is(name, "Transfer-Encoding");
            length = Is(name, "Content-Length") ? long.Parse(value, CultureInfo.InvariantCulture) : length;
        }

        if (chunked)
        {
            await SkipChunksAsync(cancellationToken);
        }
        else if (status >= 200 && status != 204)
        {
            await SkipAsync(length, cancellationToken);
        }

        return new(status, close);
    }

    /// <summary>Waits until the server ends the connection.</summary>
    public async Task ReadEndAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await FillAsync(cancellationToken))
            {
                _start = _end;
            }
        }
        catch (IOException)
        {
            // A reset is an end too: nothing was asked.
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Without a TLS goodbye: the server has announced its own, or has gone.
        await _stream.DisposeAsync();
        _socket.Dispose();
    }

    private static bool Is(string name, string header) => name.Equals(header, StringComparison.OrdinalIgnoreCase);

    private async Task SkipChunksAsync(CancellationToken cancellationToken)
    {
        long size;
        do
        {
            size = long.Parse(await ReadLineAsync(cancellationToken), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            await SkipAsync(size + 2, cancellationToken);
        }
        while (size > 0);
    }

    private async ValueTask SkipAsync(long count, CancellationToken cancellationToken)
    {
        while (count > 0)
        {
            if (_start == _end && !await FillAsync(cancellationToken))
            {
                throw new EndOfStreamException("ended in the middle of the answer");
            }

            var skipped = (int)Math.Min(count, _end - _start);
            _start += skipped;
            count -= skipped;
        }
    }

    private async ValueTask<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        StringBuilder line = new();
        while (true)
        {
            if (_start == _end && !await FillAsync(cancellationToken))
            {
                throw new EndOfStreamException(line.Length == 0 ? "ended before the answer" : "ended in the middle of the answer");
            }

            var found = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            var end = found < 0 ? _end : _start + found + 1;
            line.Append(Encoding.Latin1.GetString(_buffer, _start, end - _start));
            _start = end;
            if (found >= 0)
            {
                return line.ToString().TrimEnd('\r', '\n');
            }
        }
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        var ahead = Interlocked.Exchange(ref _ahead, null);
        var read = await (ahead?.WaitAsync(cancellationToken) ?? _stream.ReadAsync(_buffer, cancellationToken).AsTask());
        (_start, _end) = (0, read);
        return read > 0;
    }
}
