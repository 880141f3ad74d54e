using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace ActorServer.Kestrel;

/// <summary>One endpoint of the application's server. Its port can close and open again without Kestrel's knowing.</summary>
internal sealed class TrackedListener(
    OpenPort first, IConnectionListenerFactory factory, Door door, ListenerGate gate, PortClosing closing) : IConnectionListener
{
    private readonly TaskCompletionSource _unbound = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<OpenPort> _retired = [];
    private volatile OpenPort _port = first;
    private TaskCompletionSource _acceptEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _reopened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TrackedConnection? _last;
    private long _accepted;

    // Purposefully that of the first port: a port that was found for port 0 stays the same.
    public EndPoint EndPoint { get; } = first.EndPoint;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        // Kestrel has taken the last connection over by the time it asks for the next one.
        _last?.TakenOver();
        _last = null;
        while (true)
        {
            var (acceptEnded, reopened) = (_acceptEnded, _reopened);
            var port = _port;
            await door.MayAcceptAsync(port.Unbound);
            try
            {
                if (await port.AcceptAsync(cancellationToken) is { } connection)
                {
                    Interlocked.Increment(ref _accepted);
                    if (await door.AdmitAsync(connection, port.Unbound) is not { } admitted)
                    {
                        continue;
                    }

                    return _last = admitted;
                }
            }
            catch (Exception exception) when (exception is AcceptFailedException or SocketException)
            {
                // Purposefully not the end: it would be that of Kestrel's accept loop, for good.
                await door.BackOffAsync(port.Unbound);
                continue;
            }
            catch
            {
                acceptEnded.TrySetResult();
                throw;
            }

            // Purposefully not null yet: it would end Kestrel's accept loop for good, and the port may open again.
            acceptEnded.TrySetResult();
            await Task.WhenAny(_unbound.Task, reopened.Task);
            if (_unbound.Task.IsCompleted)
            {
                return null;
            }
        }
    }

    /// <summary>Stops listening, losing no connection. Completes when every connection accepted has been handed on.</summary>
    public async Task CloseAsync()
    {
        await _port.CloseAsync(closing, () => Interlocked.Read(ref _accepted));
        await _acceptEnded.Task;
    }

    /// <summary>Stops listening before Kestrel accepts here: it will find nothing until the port opens again.</summary>
    public ValueTask ClosePortAsync() => _port.UnbindAsync(CancellationToken.None);

    /// <summary>Binds the endpoint again, without letting anybody in yet.</summary>
    public ValueTask<OpenPort> BindAgainAsync() => OpenPort.BindFilteredAsync(factory, EndPoint);

    /// <summary>Goes on accepting, at a port that was bound again.</summary>
    public void Reopen(OpenPort port)
    {
        // The old port's connections live in its memory: it is disposed with the listener.
        _retired.Add(_port);
        _port = port;
        _acceptEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var reopened = _reopened;
        _reopened = new(TaskCreationOptions.RunContinuationsAsynchronously);
        reopened.TrySetResult();
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        await _port.UnbindAsync(cancellationToken);
        End();
    }

    public async ValueTask DisposeAsync()
    {
        gate.Remove(this);
        End();
        await _port.DisposeAsync();
        foreach (var port in _retired)
        {
            await port.DisposeAsync();
        }
    }

    private void End()
    {
        _acceptEnded.TrySetResult();
        _unbound.TrySetResult();
    }
}
