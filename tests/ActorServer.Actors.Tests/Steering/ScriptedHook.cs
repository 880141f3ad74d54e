using ActorServer.Core;

namespace ActorServer.Actors.Tests.Steering;

/// <summary>A hook that writes down its calls, and does what the test wants.</summary>
internal sealed class ScriptedHook(Journal journal, string name = "hook") : IDrainHook
{
    public Func<DrainRequest, CancellationToken, Task<string?>> Requested { get; init; }
        = static (_, _) => Task.FromResult<string?>(null);

    public Func<CancellationToken, Task> Draining { get; init; } = static _ => Task.CompletedTask;

    public Func<DrainReport, CancellationToken, Task> Drained { get; init; } = static (_, _) => Task.CompletedTask;

    public Task<string?> OnDrainRequestedAsync(DrainRequest request, CancellationToken cancellationToken)
    {
        journal.Write($"{name}: requested by {request.Trigger}");
        return Requested(request, cancellationToken);
    }

    /// <summary>What it was told of the drain when the ports were closed.</summary>
    public DrainReport? Told { get; private set; }

    public Task OnDrainingAsync(DrainReport drain, CancellationToken cancellationToken)
    {
        Told = drain;
        journal.Write($"{name}: draining");
        return Draining(cancellationToken);
    }

    public Task OnDrainedAsync(DrainReport report, CancellationToken cancellationToken)
    {
        journal.Write($"{name}: drained, {report.Phase}");
        return Drained(report, cancellationToken);
    }
}
