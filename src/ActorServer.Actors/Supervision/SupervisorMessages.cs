using ActorServer.Core;

namespace ActorServer.Actors;

/// <summary>A message that changes what the node is about to do; one at a time.</summary>
internal interface IVerb;

/// <summary>Drain the node, or join the drain that runs. Answered with a <see cref="DrainAnswer"/>.</summary>
internal sealed record BeginDrain(DrainRequest Request) : IVerb;

/// <summary>The drain, and what completes at its end; or why there is none.</summary>
internal sealed record DrainAnswer(DrainReport? Report, Task<DrainReport> Ended, string? Refusal);

/// <summary>The application's hooks have been heard.</summary>
internal sealed record DrainDecided(DrainRequest Request, string? Refusal);

/// <summary>The application's hooks have heard that the drain is over: whoever awaits its end is told.</summary>
internal sealed record DrainedHeard(DrainReport Report, TaskCompletionSource<DrainReport> End);

/// <summary>Serve again, whatever the node is about to do. Answered with a <see cref="SteerAnswer"/>.</summary>
internal sealed class Resume : IVerb
{
    public static readonly Resume Instance = new();

    private Resume()
    {
    }
}

/// <summary>Close the ports without a drain. Answered with a <see cref="SteerAnswer"/>.</summary>
internal sealed class Suspend : IVerb
{
    public static readonly Suspend Instance = new();

    private Suspend()
    {
    }
}

/// <summary>The node's status after a resume or suspend, or why it was refused.</summary>
internal sealed record SteerAnswer(NodeStatus? Status, string? Refusal);

/// <summary>The ports are open again, or could not be opened.</summary>
internal sealed record PortsOpened(Exception? Failure);

/// <summary>Work of the application holds a drain up from now on, or no longer.</summary>
internal sealed record LeaseChanged(DrainLease Lease, bool Taken);

/// <summary>A timer: let actors go whose connections have ended.</summary>
internal sealed class LetGo
{
    /// <summary>How long after the first of them has ended.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    public static readonly LetGo Instance = new();

    private LetGo()
    {
    }
}

/// <summary>A timer: tell the log who is being waited for.</summary>
internal sealed class WaitTick
{
    public static readonly WaitTick Instance = new();

    private WaitTick()
    {
    }
}

/// <summary>Answered with the <see cref="NodeStatus"/>.</summary>
internal sealed class GetStatus
{
    public static readonly GetStatus Instance = new();

    private GetStatus()
    {
    }
}

/// <summary>Answered with a <see cref="ConnectionPage"/>.</summary>
internal sealed record ListConnections(ConnectionQuery Query);

/// <summary>Answered with a <see cref="ConnectionFound"/>.</summary>
internal sealed record GetConnection(string Id);

/// <summary>The connection, live or remembered; null when it is unknown.</summary>
internal sealed record ConnectionFound(ConnectionSnapshot? Snapshot);

/// <summary>Close or abort one connection. Answered with a <see cref="CommandResult"/>.</summary>
internal sealed record CommandConnection(string Id, bool Abort);

/// <summary>A timer: a phase of drain <paramref name="DrainId"/> is over.</summary>
internal sealed record PhaseTick(long DrainId, NodeSignal Signal);

/// <summary>The ports are closed, and every connection they had accepted has been reported.</summary>
internal sealed record PortsClosed(long Epoch, Exception? Failure);
