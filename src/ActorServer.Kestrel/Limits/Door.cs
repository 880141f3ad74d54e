using System.Net.Sockets;
using ActorServer.Actors;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace ActorServer.Kestrel;

/// <summary>Where connections come in, at any of the node's ports: some wait, some are turned away.</summary>
internal sealed class Door
{
    private readonly ActorServerNode _node;
    private readonly ListenerGate _gate;
    private readonly Places _places;
    private readonly AcceptBackoff _backoff;
    private readonly Func<bool> _isClosing;

    public Door(ActorServerNode node, ListenerGate gate, Places places, AcceptBackoff backoff)
    {
        (_node, _gate, _places, _backoff, _isClosing) = (node, gate, places, backoff, () => gate.Closing);
        gate.Closes += places.Wake;
    }

    /// <summary>Waits until one more may be accepted.</summary>
    /// <param name="unbound">Completes when the port has been closed for good.</param>
    public async Task MayAcceptAsync(Task unbound)
    {
        await _backoff.WhenMayTryAsync(_isClosing, unbound);
        // The place first, then whether anybody cares: a port that closes now wakes whoever has asked before.
        while (_places.WhenMayAccept() is { } change && !IsBeyond(unbound))
        {
            await Task.WhenAny(change, unbound);
        }
    }

    /// <summary>Lets a connection in, or turns it away: null.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="unbound">Completes when the port has been closed for good.</param>
    public async ValueTask<TrackedConnection?> AdmitAsync(ConnectionContext connection, Task unbound)
    {
        _backoff.Succeeded(connection.Features.Get<IConnectionSocketFeature>()?.Socket);
        while (true)
        {
            // One that came through another port at the same moment may have taken the place: then this one waits here.
            var (place, change) = _places.Take(connection.RemoteEndPoint, IsBeyond(unbound));
            if (place is not null)
            {
                try
                {
                    SetKeepAlive(connection);
                    return TrackedConnection.Accept(connection, _node, _gate, place);
                }
                catch
                {
                    place.Leave();
                    throw;
                }
            }

            if (change is null)
            {
                await TrackedConnection.RefuseAsync(connection, _node, _gate);
                return null;
            }

            if (!IsBeyond(unbound))
            {
                await Task.WhenAny(change, unbound);
            }
        }
    }

    /// <summary>An accept has failed: waits for a while.</summary>
    /// <param name="unbound">Completes when the port has been closed for good.</param>
    public Task BackOffAsync(Task unbound) => _backoff.WaitAsync(unbound);

    // The kernel has let them in already: a port that closes with somebody in its queue would lose them.
    private bool IsBeyond(Task unbound) => _gate.Closing || unbound.IsCompleted;

    private void SetKeepAlive(ConnectionContext connection)
    {
        var limits = _places.Limits;
        if (limits.KeepAliveTime.IsInfinite
            || connection.Features.Get<IConnectionSocketFeature>()?.Socket is not { ProtocolType: ProtocolType.Tcp } socket)
        {
            return;
        }

        try
        {
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, Seconds(limits.KeepAliveTime.Value));
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, Seconds(limits.KeepAliveInterval.Value));
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, limits.KeepAliveRetryCount);
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The peer has gone already, or this system has no such option: the connection is served all the same.
        }
    }

    private static int Seconds(TimeSpan time) => (int)Math.Ceiling(time.TotalSeconds);
}
