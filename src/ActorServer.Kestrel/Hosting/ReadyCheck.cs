using ActorServer.Actors;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ActorServer.Kestrel;

/// <summary>A balancer may send the node traffic: it serves, and its ports are open.</summary>
internal sealed class ReadyCheck(IActorServer server) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var status = await server.StatusAsync(cancellationToken);
        return status.Ready
            ? HealthCheckResult.Healthy("Serving.")
            : HealthCheckResult.Unhealthy(status.Accepting ? $"The node is in phase {status.Phase}." : "The node accepts no connections.");
    }
}
