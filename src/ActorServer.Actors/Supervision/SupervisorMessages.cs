using ActorServer.Core;

namespace ActorServer.Actors;

/// <summary>Drain the node, or join the drain that runs. Answered with the <see cref="DrainReport"/>.</summary>
internal sealed record BeginDrain(DrainRequest Request);

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
internal sealed record PortsClosed(Exception? Failure);
