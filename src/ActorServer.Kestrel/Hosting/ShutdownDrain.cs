using ActorServer.Core;
using Akka;
using Akka.Actor;

namespace ActorServer.Kestrel;

/// <summary>Drains the node when its actor system ends, whatever the reason: before it leaves a cluster, and before its actors stop.</summary>
internal sealed class ShutdownDrain(ActorSystem system, HostDrain drain, Log log) : IHostedService
{
    /// <summary>Where the drain stands: whatever an application ends in a later phase is there for its last requests.</summary>
    public const string Phase = CoordinatedShutdown.PhaseServiceUnbind;

    /// <summary>Longer than any drain, which ends itself; a phase cannot last for ever.</summary>
    public static readonly TimeSpan PhaseTimeout = DrainRequest.BudgetMax.Value + TimeSpan.FromHours(1);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var shutdown = CoordinatedShutdown.Get(system);
        shutdown.AddTask(Phase, "actor-server-drain", async () =>
        {
            if (!drain.IsOver)
            {
                var reason = shutdown.ShutdownReason?.ToString() ?? "no reason given";
                log.ActorSystemEnds(reason);
                await drain.LeaveAsync(reason);
            }

            return Done.Instance;
        });
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
