using ActorServer.Core;

namespace ActorServer.Actors;

/// <summary>Takes part in a drain. Register it as a singleton service; several are called in the order of their registration.</summary>
/// <remarks>Each call is awaited for <c>ActorServer:Drain:HookWait</c> at most. One that throws or takes longer is logged, and the drain
/// goes on.</remarks>
public interface IDrainHook
{
    /// <summary>A drain is asked for; nothing has been done yet. Not called for one that joins a running drain.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="cancellationToken">The time for it is over.</param>
    /// <returns>Null to agree, or the reason why not. A signal, a stopping host and a leaving cluster node cannot be refused.</returns>
    Task<string?> OnDrainRequestedAsync(DrainRequest request, CancellationToken cancellationToken) => Task.FromResult<string?>(null);

    /// <summary>The ports are closed; quiet connections close when this has ended.</summary>
    /// <param name="drain">The drain as it was when the ports began to close; its deadline is there.</param>
    /// <param name="cancellationToken">The time for it is over.</param>
    Task OnDrainingAsync(DrainReport drain, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The drain is over: nobody is left, or the deadline was enforced.</summary>
    /// <param name="report">How it went.</param>
    /// <param name="cancellationToken">The time for it is over.</param>
    Task OnDrainedAsync(DrainReport report, CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>A drain, or a resume, was refused. The message says why.</summary>
/// <param name="reason">Why.</param>
public sealed class DrainRefusedException(string reason) : InvalidOperationException(reason);
