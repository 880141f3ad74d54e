using System.Net;
using Microsoft.AspNetCore.Connections;

namespace ActorServer.Kestrel;

/// <summary>Binds what the application's own transport binds, and hears of every connection it accepts.</summary>
internal sealed class TrackedListenerFactory(
    IConnectionListenerFactory inner, Door door, ListenerGate gate, PortClosing closing)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    // Absent means "can bind all": so Kestrel reads it.
    public bool CanBind(EndPoint endpoint) => inner is not IConnectionListenerFactorySelector selector || selector.CanBind(endpoint);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var listener = new TrackedListener(await OpenPort.BindAsync(inner, endpoint, cancellationToken), inner, door, gate, closing);
        await gate.AddAsync(listener);
        return listener;
    }
}
