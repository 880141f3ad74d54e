using ActorServer.Actors;
using ActorServer.Core;
using Microsoft.Extensions.Options;

namespace ActorServer.Kestrel;

/// <summary>Drains the node for its host: when a signal comes, and when the host stops for any other reason.</summary>
internal sealed class HostDrain(ActorServerNode node, IOptions<HostOptions> host, Log log) : IHostedLifecycleService
{
    private volatile bool _over;
    private volatile bool _hasAborted;

    /// <summary>The node has drained for good.</summary>
    public bool IsOver => _over;

    /// <summary>What the process may say at its end: 0, or 1 if the last drain had to cut something.</summary>
    public int ExitCode => _hasAborted ? 1 : 0;

    /// <summary>Drains for a signal, within the host's shutdown timeout if that is the shorter; a second signal ends it now.</summary>
    public async Task SignalAsync(string signal, bool again)
    {
        Duration? budget = again ? Duration.Zero : null;
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
        // Over for good: nobody resumes what ends the process. By a second stop the actor system has gone, and answers nobody.
        => _over ? Task.FromResult(true) : RunAsync(new(DrainTrigger.Host, Reason: "the host stops"), cancellationToken);

    /// <summary>Drains for an actor system that ends of its own account: it leaves its cluster, was downed, or somebody terminates it.</summary>
    public Task LeaveAsync(string reason)
        => RunAsync(new(DrainTrigger.ClusterLeave, Reason: $"the actor system ends: {reason}"), CancellationToken.None);

    public Task StoppingAsync(CancellationToken cancellationToken) => RunAsync(cancellationToken);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task<bool> RunAsync(DrainRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await node.BeginDrainAsync(request, CancellationToken.None);
            if (await EndedAsync(cancellationToken) is not { } report)
            {
                await node.BeginDrainAsync(
                    new(request.Trigger, Duration.Zero, Reason: "the host's shutdown timeout has passed"), CancellationToken.None);
                report = await node.WhenDrained;
            }

            _hasAborted = report.HasAborted;
            if (report.HasAborted && Environment.ExitCode == 0)
            {
                Environment.ExitCode = 1;
            }

            _over = true;
            return true;
        }
        catch (TimeoutException exception)
        {
            log.NotDrained(exception);
            return false;
        }
    }

    private async Task<DrainReport?> EndedAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await node.WhenDrained.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }
}
