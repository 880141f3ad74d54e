using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;

namespace ActorServer.TestKit;

/// <summary>The client's end of a connection over an <see cref="InMemoryTransport"/>.</summary>
/// <remarks>
/// Reading gives 0 when the server has closed, and throws an <see cref="IOException"/> when either side has reset. What is written after
/// the server has closed is lost, and the next read says so, as over TCP. One reads and one writes at a time. Idle, it holds no buffer.
/// </remarks>
#pragma warning disable CA1710 // It is a connection, which can be used as a stream.
public sealed class InMemoryConnection : Stream
#pragma warning restore CA1710
{
    private readonly ServerEnd _server;
    private readonly PipeReader _input;
    private readonly PipeWriter _output;
    private bool _hasEndedSending;
    private volatile string? _ended;

    internal InMemoryConnection(ServerEnd server, PipeReader input, PipeWriter output)
        => (_server, _input, _output) = (server, input, output);

    /// <summary>The connection's identity at the server: a snapshot's identity ends with it.</summary>
    public string ConnectionId => _server.ConnectionId;

    /// <summary>The client's end, as the server's snapshot names its peer; unlike that of any other connection.</summary>
    public EndPoint LocalEndPoint => _server.RemoteEndPoint!;

    /// <summary>The server's end.</summary>
    public EndPoint RemoteEndPoint => _server.LocalEndPoint!;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Ends the client's half of the connection (FIN); it goes on reading. Harmless when repeated.</summary>
    public void ShutdownSend()
    {
        lock (_server)
        {
            if (_ended is not null || _hasEndedSending)
            {
                return;
            }

            _hasEndedSending = true;
            _output.Complete();
        }

        _server.OnPeerEnded();
    }

    /// <summary>Cuts the connection (RST): the server's reading throws. Harmless when repeated.</summary>
    public void Reset() => End(new ConnectionResetException("The client has reset the connection."), "The client has reset the connection.");

    /// <summary>Reads bytes; a read into nothing waits until there are some.</summary>
    /// <param name="buffer">Where to.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>How many; 0 when the server has closed.</returns>
    /// <exception cref="IOException">The connection was reset, by either side.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var result = await ReadInputAsync(cancellationToken);
            lock (_server)
            {
                if (TryTake(result, buffer.Span) is { } count)
                {
                    return count;
                }
            }

            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count)
        => ReadAsync(buffer, offset, count, CancellationToken.None).GetAwaiter().GetResult();

    /// <summary>Writes bytes; waits while the server lies 64 KB behind.</summary>
    /// <param name="buffer">The bytes.</param>
    /// <param name="cancellationToken">Stops waiting; the bytes are sent all the same.</param>
    /// <exception cref="IOException">The connection was reset, by either side, or closed by this one.</exception>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ValueTask<FlushResult> flush;
        lock (_server)
        {
            ThrowIfEnded();
            if (_hasEndedSending)
            {
                throw new IOException("The client has ended its half of the connection.");
            }

            // Before they can be seen: whoever looks for unread bytes finds these.
            _server.Sent(buffer.Length);
            _output.Write(buffer.Span);
            flush = _output.FlushAsync(cancellationToken);
        }

        _ = await flush;
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count)
        => WriteAsync(buffer, offset, count, CancellationToken.None).GetAwaiter().GetResult();

    /// <summary>Does nothing: every write is sent at once.</summary>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>The server has cut the connection.</summary>
    internal void OnServerCut() => EndLocked("The server has reset the connection.");

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            End(null, "The client has closed the connection.");
        }

        base.Dispose(disposing);
    }

    private void End(Exception? exception, string why)
    {
        lock (_server)
        {
            if (_ended is not null)
            {
                return;
            }

            if (!_hasEndedSending)
            {
                _output.Complete(exception);
            }

            EndLocked(why);
        }

        _server.OnPeerEnded();
    }

    // Under the lock, so that no reading has its buffer taken away.
    private void EndLocked(string why)
    {
        if (_ended is null)
        {
            _ended = why;
            // Wakes whoever reads, and lets the server's writing end.
            _input.CancelPendingRead();
            _input.Complete();
        }
    }

    private async ValueTask<ReadResult> ReadInputAsync(CancellationToken cancellationToken)
    {
        ThrowIfEnded();
        try
        {
            return await _input.ReadAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Ended meanwhile; or the server has completed its output with an exception of its own, a reset to its client.
            throw new IOException(_ended ?? "The server has reset the connection.", exception);
        }
    }

    // Null when there was nothing, and something is still to come.
    private int? TryTake(in ReadResult result, Span<byte> buffer)
    {
        ThrowIfEnded();
        var count = (int)Math.Min(result.Buffer.Length, buffer.Length);
        if (!result.Buffer.IsEmpty)
        {
            var taken = result.Buffer.Slice(0, count);
            taken.CopyTo(buffer);
            _input.AdvanceTo(taken.End);
            return count;
        }

        _input.AdvanceTo(result.Buffer.End);
        return result.IsCompleted ? 0 : null;
    }

    private void ThrowIfEnded()
    {
        if (_ended is { } why)
        {
            throw new IOException(why);
        }
    }
}
