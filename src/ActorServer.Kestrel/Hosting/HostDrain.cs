using ActorServer.Actors;
using ActorServer.Core;
using Akka.Actor;
using Microsoft.Extensions.Options;

namespace ActorServer.Kestrel;

/// <summary>Drains the node for its host: when a signal comes, when the host stops for any other reason, and when the actor system ends.</summary>
internal sealed class HostDrain(
    ActorServerNode node,
    ActorSystem system,
    ShutdownPhases phases,
    ListenerGate gate,
    IHostApplicationLifetime application,
    IOptions<HostOptions> host,
    Log log) : IHostedLifecycleService
{
    private volatile bool _over;

    /// <summary>Drains for a signal, within the host's shutdown timeout if that is the shorter; a second signal ends it now.</summary>
    public async Task SignalAsync(string signal, bool again)
    {
        Duration? budget = again ? Duration.Zero : null;
        if (again)
        {
            gate.Lingering.Cut();
        }

        if (!again && node.Settings.Budget > host.Value.ShutdownTimeout && host.Value.ShutdownTimeout <= DrainRequest.BudgetMax)
        {
            budget = host.Value.ShutdownTimeout;
        }

        await RunAsync(new(DrainTrigger.Signal, budget, Reason: again ? $"a second {signal}" : signal), CancellationToken.None);
        if (node.Settings.ExitWait < host.Value.ShutdownTimeout)
        {
            // The host's patience begins only now, after the drain: without this both would add up.
            host.Value.ShutdownTimeout = node.Settings.ExitWait.Value;
        }
    }

    /// <summary>Drains for a stopping host.</summary>
    /// <param name="cancellationToken">The host's patience: when it ends, what is left is aborted.</param>
    /// <returns>False when the node could not drain: its actor system is gone.</returns>
    public Task<bool> RunAsync(CancellationToken cancellationToken)
        => RunAsync(new(DrainTrigger.Host, Reason: "the host stops"), cancellationToken);

    public Task StoppingAsync(CancellationToken cancellationToken) => RunAsync(cancellationToken);

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        phases.Enter(request => RunAsync(request, CancellationToken.None));
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        // Without its actors the node never serves again. The application's own system may have nobody else who says so.
        system.WhenTerminated.ContinueWith(
            _ => application.StopApplication(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task<bool> RunAsync(DrainRequest request, CancellationToken cancellationToken)
    {
        if (_over)
        {
            // For good: nobody resumes what ends the process. Whoever comes late may find no actor left to ask.
            return true;
        }

        try
        {
            await node.BeginDrainAsync(request, CancellationToken.None);
            if (await EndedAsync(cancellationToken) is not { } report)
            {
                await node.BeginDrainAsync(
                    new(request.Trigger, Duration.Zero, Reason: "the host's shutdown timeout has passed"), CancellationToken.None);
                report = await node.WhenDrained;
            }

            if (report.HasAborted)
            {
                Fail();
            }

            _over = true;
            return true;
        }
        catch (TimeoutException exception)
        {
            if (_over)
            {
                // The end of the actor system has waited for the drain, and was quicker.
                return true;
            }

            log.NotDrained(exception);
            Fail();
            return false;
        }
    }

    private async Task<DrainReport?> EndedAsync(CancellationToken cancellationToken)
    {
        var drained = node.WhenDrained;
        try
        {
            await Task.WhenAny(drained, system.WhenTerminated).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return null;
        }

        return drained.IsCompleted ? await drained : throw new TimeoutException("The node's actor system has ended in the middle of a drain.");
    }

    private static void Fail()
    {
        if (Environment.ExitCode == 0)
        {
            Environment.ExitCode = 1;
        }
    }
}
