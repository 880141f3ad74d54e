using Akka.Hosting;

namespace ActorServer.Kestrel;

/// <summary>Akka.Hosting's service within the host's patience, and without its exit code of a failure for a node that leaves.</summary>
/// <remarks>
/// By itself it ignores the host's token, and sets the process's exit code to -1 when the actor system has ended because the
/// node left its cluster; then it stops the host. It is given a lifetime that hears the last of it.
/// </remarks>
internal sealed class AkkaInHost : IHostedService
{
    private readonly AkkaHostedService _inner;
    private readonly LastWord _lifetime;
    private readonly Log _log;
    private bool _started;

    public AkkaInHost(IServiceProvider services, Type type)
    {
        _lifetime = new(services.GetRequiredService<IHostApplicationLifetime>(), services.GetRequiredService<ShutdownPhases>());
        _inner = (AkkaHostedService)ActivatorUtilities.CreateInstance(services, type, _lifetime);
        _log = services.GetRequiredService<Log>();
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _inner.StartAsync(cancellationToken);
        _started = true;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _inner.StopAsync(cancellationToken).WaitAsync(cancellationToken);
            if (_started)
            {
                // The exit code is read once the host has stopped: not before the last word about it.
                await _lifetime.Said.WaitAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _log.SystemNotEnded();
        }
    }

    /// <summary>What Akka.Hosting's service calls once it has set the exit code.</summary>
    private sealed class LastWord(IHostApplicationLifetime host, ShutdownPhases phases) : IHostApplicationLifetime
    {
        private readonly TaskCompletionSource _said = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Said => _said.Task;

        public CancellationToken ApplicationStarted => host.ApplicationStarted;

        public CancellationToken ApplicationStopping => host.ApplicationStopping;

        public CancellationToken ApplicationStopped => host.ApplicationStopped;

        public void StopApplication()
        {
            if (phases.IsLeaving && Environment.ExitCode == -1)
            {
                Environment.ExitCode = phases.ExitCode;
            }

            _said.TrySetResult();
            host.StopApplication();
        }
    }
}
