using System.Net;
using ActorServer.Actors;
using Microsoft.AspNetCore.Connections;

namespace ActorServer.Kestrel;

/// <summary>One listening socket. It can close before Kestrel knows of a stop.</summary>
internal sealed class TrackedListener(IConnectionListener inner, ActorServerNode node, ListenerGate gate) : IConnectionListener
{
    private readonly TaskCompletionSource _acceptEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _unbound = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TrackedConnection? _last;

    public EndPoint EndPoint => inner.EndPoint;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        // Kestrel has taken the last connection over by the time it asks for the next one.
        _last?.TakenOver();
        _last = null;
        try
        {
            if (await inner.AcceptAsync(cancellationToken) is { } connection)
            {
                return _last = TrackedConnection.Accept(connection, node, gate);
            }
        }
        catch
        {
            _acceptEnded.TrySetResult();
            throw;
        }

        // Purposefully not null yet: it would end Kestrel's accept loop for good while the server is still running.
        _acceptEnded.TrySetResult();
        await _unbound.Task;
        return null;
    }

    /// <summary>Stops listening. Completes when every connection accepted has been handed on.</summary>
    public async Task CloseAsync()
    {
        await inner.UnbindAsync();
        await _acceptEnded.Task;
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        await inner.UnbindAsync(cancellationToken);
        _acceptEnded.TrySetResult();
        _unbound.TrySetResult();
    }

    public ValueTask DisposeAsync()
    {
        gate.Remove(this);
        _acceptEnded.TrySetResult();
        _unbound.TrySetResult();
        return inner.DisposeAsync();
    }
}
