using ActorServer.Core;
using Akka;
using Akka.Actor;

namespace ActorServer.Kestrel;

/// <summary>Lets the end of the actor system, whoever asks for it, wait for the node's drain.</summary>
/// <remarks>
/// The drain begins in the phase that unbinds services, and is awaited in the one that waits for their requests: what the
/// application does in the one is done meanwhile, what it does after the other, and the cluster's leave, comes afterwards.
/// </remarks>
internal sealed class ShutdownPhases(ActorSystem system)
{
    // Akka takes no infinite phase, and waits for all phases together by a number of milliseconds that has 31 bits.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(20);

    private readonly CoordinatedShutdown _shutdown = CoordinatedShutdown.Get(system);
    private readonly Lock _gate = new();
    private Task<bool>? _drain;

    /// <summary>The process's exit code when the actor system was about to end.</summary>
    public int ExitCode { get; private set; }

    /// <summary>The node was told to leave its cluster: nothing that a process ends in failure for.</summary>
    public bool IsLeaving => _shutdown.ShutdownReason is CoordinatedShutdown.ClusterLeavingReason;

    /// <summary>How long the phase waits: longer than any drain, also one that a message has extended, since the drain ends by itself.</summary>
    public static TimeSpan Timeout(DrainSettings settings)
        => settings.Budget.IsInfinite ? Longest : DrainRequest.BudgetMax.Value + settings.ExitWait.Value + TimeSpan.FromHours(1);

    /// <summary>How long the phase does wait; an actor system that the application made itself may wait for less.</summary>
    public TimeSpan ActualTimeout => _shutdown.Timeout(CoordinatedShutdown.PhaseServiceRequestsDone);

    /// <summary>Takes part from now on.</summary>
    /// <param name="drain">Drains the node, or joins the drain that runs.</param>
    public void Enter(Func<DrainRequest, Task<bool>> drain)
    {
        Add(CoordinatedShutdown.PhaseServiceUnbind, () =>
        {
            Start(drain);
            return Task.CompletedTask;
        });
        Add(CoordinatedShutdown.PhaseServiceRequestsDone, () => Start(drain));
        Add(CoordinatedShutdown.PhaseBeforeActorSystemTerminate, () =>
        {
            ExitCode = Environment.ExitCode;
            return Task.CompletedTask;
        });
    }

    private void Add(string phase, Func<Task> act)
        => _shutdown.AddTask(phase, "actor-server", async () =>
        {
            await act();
            return Done.Instance;
        });

    private Task<bool> Start(Func<DrainRequest, Task<bool>> drain)
    {
        lock (_gate)
        {
            return _drain ??= drain(Request());
        }
    }

    private DrainRequest Request() => _shutdown.ShutdownReason switch
    {
        CoordinatedShutdown.ClusterLeavingReason => new(DrainTrigger.ClusterLeave, Reason: "the node leaves its cluster"),
        CoordinatedShutdown.ClusterDowningReason => new(DrainTrigger.ClusterLeave, Reason: "the cluster has downed the node"),
        CoordinatedShutdown.ClusterJoinUnsuccessfulReason => new(DrainTrigger.ClusterLeave, Reason: "the node could not join its cluster"),
        CoordinatedShutdown.ClrExitReason => new(DrainTrigger.Host, Reason: "the host stops"),
        _ => new(DrainTrigger.Host, Reason: "the actor system ends"),
    };
}
