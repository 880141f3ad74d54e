using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace ActorServer.Kestrel;

/// <summary>A bound port: the transport's listener, and the socket it listens on where that is to be had.</summary>
internal sealed class OpenPort
{
    private readonly IConnectionListener _listener;
    private readonly Socket? _socket;
    private readonly string? _path;
    private readonly DateTime _pathBoundAt;
    private readonly TaskCompletionSource _unbound = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private OpenPort(IConnectionListener listener, Socket? socket)
    {
        (_listener, _socket) = (listener, socket);
        // An abstract socket has no path in the file system: its name begins with a zero.
        if (listener.EndPoint is UnixDomainSocketEndPoint unix && unix.ToString() is [not '\0' and not '@', ..] path)
        {
            (_path, _pathBoundAt) = (path, UnixListenSocket.BoundAt(path));
        }
    }

    /// <summary>Completes when nothing comes here any more.</summary>
    public Task Unbound => _unbound.Task;

    /// <summary>Where it listens; for port 0 the port that was found.</summary>
    public EndPoint EndPoint => _listener.EndPoint;

    public static ValueTask<OpenPort> BindAsync(
        IConnectionListenerFactory factory, EndPoint endpoint, CancellationToken cancellationToken)
        => BindAsync(() => factory.BindAsync(endpoint, cancellationToken), filtered: false);

    /// <summary>Binds, but lets nobody in before <see cref="LetIn"/>: a connection would be lost if nothing comes of it.</summary>
    /// <remarks>Whoever comes in between comes again, as after any lost packet. At a Unix socket there is no filter.</remarks>
    public static ValueTask<OpenPort> BindFilteredAsync(IConnectionListenerFactory factory, EndPoint endpoint)
        => BindAsync(() => factory.BindAsync(endpoint, CancellationToken.None), filtered: true);

    /// <summary>Lets connections in at a port that was bound without.</summary>
    public void LetIn()
    {
        if (_socket is { AddressFamily: not AddressFamily.Unix })
        {
            SynFilter.Detach(_socket);
        }
    }

    public ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken) => _listener.AcceptAsync(cancellationToken);

    /// <summary>Closes it, losing no connection that the kernel has accepted or is accepting.</summary>
    public async Task CloseAsync(PortClosing closing, Func<long> accepted)
    {
        // A Unix socket has no handshake: whoever finds no path does not connect.
        if (closing.UnlinksFirst)
        {
            Unlink();
        }

        await closing.QuietenAsync(EndPoint, _socket, accepted);
        await UnbindAsync(CancellationToken.None);
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken)
    {
        Unlink();
        // A drain closes it, and Kestrel's own stop would do so again: a transport is told once.
        return _unbound.TrySetResult() ? _listener.UnbindAsync(cancellationToken) : ValueTask.CompletedTask;
    }

    /// <summary>Gives back the memory of its connections: only once they are gone.</summary>
    public ValueTask DisposeAsync()
    {
        Unlink();
        _unbound.TrySetResult();
        return _listener.DisposeAsync();
    }

    private static async ValueTask<OpenPort> BindAsync(Func<ValueTask<IConnectionListener>> bind, bool filtered)
    {
        var (listener, socket) = await ListenSocket.CaptureAsync(bind, filtered);
        return new(listener, socket);
    }

    private void Unlink()
    {
        if (_path is not null)
        {
            UnixListenSocket.Unlink(_path, _pathBoundAt);
        }
    }
}
