using Akka.Actor;
using Akka.Hosting;

namespace ActorServer.Kestrel;

/// <summary>The actor system's hosted service, as a host leads it: the host's patience is honoured, and a clean end is a clean exit.</summary>
internal sealed class LedActorSystem : AkkaHostedService
{
    private readonly Ending _ending;
    private readonly Log _log;
    private bool _started;

    public LedActorSystem(
        AkkaConfigurationBuilder builder, IServiceProvider services, ILogger<AkkaHostedService> logger,
        IHostApplicationLifetime lifetime, HostDrain drain, Log log)
        : this(builder, services, logger, new Ending(lifetime, drain), log)
    {
    }

    private LedActorSystem(
        AkkaConfigurationBuilder builder, IServiceProvider services, ILogger<AkkaHostedService> logger, Ending ending, Log log)
        : base(builder, services, logger, ending)
        => (_ending, _log) = (ending, log);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        _ending.Shutdown = CoordinatedShutdown.Get(ServiceProvider.GetRequiredService<ActorSystem>());
        await base.StartAsync(cancellationToken);
        _started = true;
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            // The base class waits for the actor system however long it takes.
            await base.StopAsync(cancellationToken).WaitAsync(cancellationToken);
            if (_started)
            {
                await _ending.Told.WaitAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            _log.ActorSystemLeft();
        }
    }

    /// <summary>The lifetime as the base class sees it, which stops it once the actor system has ended and the exit code is set.</summary>
    private sealed class Ending(IHostApplicationLifetime inner, HostDrain drain) : IHostApplicationLifetime
    {
        private readonly TaskCompletionSource _told = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CoordinatedShutdown? Shutdown { get; set; }

        public Task Told => _told.Task;

        public CancellationToken ApplicationStarted => inner.ApplicationStarted;

        public CancellationToken ApplicationStopping => inner.ApplicationStopping;

        public CancellationToken ApplicationStopped => inner.ApplicationStopped;

        public void StopApplication()
        {
            // A node that has left its cluster has not failed, though the base class says so: it ends as clean as its drain was.
            if (Shutdown?.ShutdownReason is CoordinatedShutdown.ClusterLeavingReason)
            {
                Environment.ExitCode = drain.ExitCode;
            }

            _told.TrySetResult();
            inner.StopApplication();
        }
    }
}
