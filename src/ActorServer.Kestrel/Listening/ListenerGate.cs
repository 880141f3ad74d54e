using System.Net.Sockets;
using ActorServer.Actors;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace ActorServer.Kestrel;

/// <summary>All the endpoints of the application's server.</summary>
internal sealed class ListenerGate(IOptions<KestrelServerOptions> kestrel) : IListenerGate
{
    private readonly Lock _lock = new();
    private readonly List<TrackedListener> _listeners = [];
    private volatile bool _announcing;
    private volatile Task? _closed;

    /// <summary>
    /// A response begun before the drain announces it too, if its headers are not out yet. This cure and those below are switched
    /// off by tests that show what they cure.
    /// </summary>
    public bool AnnouncesLate { get; init; } = true;

    /// <summary>HTTP/2 connections born in the lame duck hear GOAWAY only once the ports are closed.</summary>
    public bool SparesYoung { get; init; } = true;

    /// <summary>A connection is not closed while unread bytes are waiting.</summary>
    public bool LooksForUnread { get; init; } = true;

    /// <summary>A connection whose peer may still be sending is not closed under it.</summary>
    public bool Lingers { get; init; } = true;

    /// <summary>Those of which that is true now.</summary>
    public Lingering Lingering { get; } = new();

    /// <summary>The ports are about to close: whoever has been let in by the kernel is served, wanted or not.</summary>
    public event Action? Closes;

    public bool Accepting => _closed is null && HasListeners;

    /// <summary>Connections accepted from now on announce their close with their first response.</summary>
    public bool Announcing => _announcing;

    /// <summary>The ports are closed, or on their way there.</summary>
    public bool Closing => _closed is not null;

    /// <summary>The ports are closed: nobody is let in any more.</summary>
    public bool Closed => _closed?.IsCompleted == true;

    /// <summary>Kestrel turns connections away beyond a limit of its own.</summary>
    public bool HasLimit => kestrel.Value.Limits.MaxConcurrentConnections is not null;

    private bool HasListeners
    {
        get
        {
            lock (_lock)
            {
                return _listeners.Count > 0;
            }
        }
    }

    public void Announce() => _announcing = true;

    public void Withdraw() => _announcing = false;

    public Task CloseAsync()
    {
        lock (_lock)
        {
            // All at once: none is open while another is being closed.
            // On the pool: the caller is the supervisor, and a port's closing looks into files first.
            TrackedListener[] listeners = [.. _listeners];
            _closed ??= Task.Run(() => Task.WhenAll(listeners.Select(l => l.CloseAsync())));
        }

        // After it can be seen.
        Closes?.Invoke();
        return _closed;
    }

    public async Task OpenAsync()
    {
        if (_closed is not { } closed)
        {
            return;
        }

        await closed.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        TrackedListener[] listeners;
        lock (_lock)
        {
            // Unix sockets last: who connects to one is let in at once, and must not be for nothing.
            listeners = [.. _listeners.OrderBy(static l => l.EndPoint is UnixDomainSocketEndPoint)];
        }

        List<OpenPort> ports = [];
        try
        {
            foreach (var listener in listeners)
            {
                ports.Add(await BindAgainAsync(listener));
            }

            // Only now that no port can fail any more.
            ports.ForEach(static port => port.LetIn());
        }
        catch
        {
            foreach (var port in ports)
            {
                await port.UnbindAsync(CancellationToken.None);
                await port.DisposeAsync();
            }

            throw;
        }

        foreach (var (listener, port) in listeners.Zip(ports))
        {
            listener.Reopen(port);
        }

        _closed = null;
    }

    private static async Task<OpenPort> BindAgainAsync(TrackedListener listener)
    {
        try
        {
            return await listener.BindAgainAsync();
        }
        catch (Exception exception) when (exception is IOException or SocketException or InvalidOperationException)
        {
            throw new IOException($"{listener.EndPoint}: {exception.Message}", exception);
        }
    }

    /// <summary>A port has been bound. One that comes after the gate was closed is closed at once; nobody knows it yet.</summary>
    public ValueTask AddAsync(TrackedListener listener)
    {
        lock (_lock)
        {
            _listeners.Add(listener);
            return _closed is null ? ValueTask.CompletedTask : listener.ClosePortAsync();
        }
    }

    public void Remove(TrackedListener listener)
    {
        lock (_lock)
        {
            _listeners.Remove(listener);
        }
    }
}
