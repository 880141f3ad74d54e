using ActorServer.Core;
using Akka.Actor;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Options;

namespace ActorServer.Kestrel;

/// <summary>Refuses a start in which something would silently not work.</summary>
internal sealed class StartCheck(
    IServer server, IEnumerable<ActorSystem> systems, ShutdownPhases phases, IOptions<HostOptions> host, DrainSettings settings, Log log)
    : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (systems.Count() != 1)
        {
            throw new InvalidOperationException(
                "There are several actor systems: call AddAkka before AddActorServer, which then runs in that system.");
        }

        if (server is not TrackedServer)
        {
            if (server.GetType().Assembly.GetName().Name == "Microsoft.AspNetCore.Server.Kestrel.Core")
            {
                throw new InvalidOperationException("Kestrel was added after ActorServer: call AddActorServer after UseKestrel.");
            }

            // A test server has no connections: the application works, and a drain has nothing to wait for.
            log.NotKestrel(server.GetType().Name);
        }

        if (settings.Total > host.Value.ShutdownTimeout)
        {
            log.ShutdownTimeoutShort(host.Value.ShutdownTimeout, settings.Total.ToString());
        }

        if (settings.Budget > phases.ActualTimeout)
        {
            log.PhaseShort(phases.ActualTimeout, settings.Budget.ToString());
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
