using System.Collections.Concurrent;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace ActorServer.TestKit;

/// <summary>One end point at which clients within this process connect.</summary>
internal sealed class InMemoryListener(EndPoint endPoint, ConcurrentDictionary<EndPoint, InMemoryListener> all) : IConnectionListener
{
    private readonly Channel<ServerEnd> _backlog = Channel.CreateBounded<ServerEnd>(
        new BoundedChannelOptions(InMemoryTransport.Backlog) { SingleReader = true });

    public EndPoint EndPoint => endPoint;

    /// <summary>A client comes in.</summary>
    /// <returns>False when it came too late.</returns>
    public async ValueTask<bool> TryEnqueueAsync(ServerEnd server, CancellationToken cancellationToken)
    {
        try
        {
            await _backlog.Writer.WriteAsync(server, cancellationToken);
            return true;
        }
        catch (ChannelClosedException)
        {
            return false;
        }
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        // Whoever is in the backlog when it is unbound is still accepted: null comes after the last one.
        while (await _backlog.Reader.WaitToReadAsync(cancellationToken))
        {
            if (_backlog.Reader.TryRead(out var server))
            {
                return server;
            }
        }

        return null;
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        // First, so that whoever binds again finds the place free once this returns; nobody new comes then.
        all.TryRemove(new(endPoint, this));
        _backlog.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await UnbindAsync();
        while (_backlog.Reader.TryRead(out var server))
        {
            server.Abort(new ConnectionAbortedException("The listener was disposed before anybody accepted."));
        }
    }
}
