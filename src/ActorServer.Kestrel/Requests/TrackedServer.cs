using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;

namespace ActorServer.Kestrel;

/// <summary>The application's server: every request is reported to its connection, and a stop drains first.</summary>
internal sealed class TrackedServer(
    IServer inner, HostDrain drain, ListenerGate gate, AccessLog log, IHttpContextFactory? contexts) : IServer
{
    public IFeatureCollection Features => inner.Features;

    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull
        => inner.StartAsync(new TrackedApplication<TContext>(application, log.IsEnabled ? log : null, contexts), cancellationToken);

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        // Before Kestrel's own stop, which ends its heartbeat first: no timeout of its would work during the drain.
        var drained = await drain.RunAsync(cancellationToken);
        // The process ends after this, and would reset whoever has not read its last answer yet.
        await gate.Lingering.OverAsync(cancellationToken);
        // Stragglers do not hold it: whoever was to be waited for has been.
        await inner.StopAsync(drained ? new CancellationToken(canceled: true) : cancellationToken);
    }

    public void Dispose() => inner.Dispose();
}
