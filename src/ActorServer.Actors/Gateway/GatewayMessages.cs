using ActorServer.Core;
using ActorServer.Core.Wire;
using Akka.Actor;

namespace ActorServer.Actors;

/// <summary>The node is in a cluster from now on.</summary>
internal sealed record ClusterEntered(IClusterView Cluster);

/// <summary>A drain has begun; <paramref name="Ended"/> completes with its last word.</summary>
internal sealed record DrainBegun(Task<DrainReport> Ended);

/// <summary>The drain that subscribers are told of is over.</summary>
internal sealed record DrainOver(DrainReport Report);

/// <summary>What a request has come to. Each request that the node worked on comes to one.</summary>
internal interface IOutcome;

/// <summary>The drain that the sender wanted has begun. <paramref name="Leave"/> says why the node leaves afterwards, if it does.</summary>
internal sealed record DrainGranted(DrainAnswer Answer, string? Leave) : IOutcome;

/// <summary>What the sender is to be told.</summary>
internal sealed record Answered(IWireAnswer Answer) : IOutcome;

/// <summary>The drain that the sender wanted is over.</summary>
internal sealed record GrantedDrainOver(DrainReport Report, string? Leave);

/// <summary>A timer: subscribers are to hear how far the drain has come.</summary>
internal sealed class ProgressTick
{
    public static readonly ProgressTick Instance = new();

    private ProgressTick()
    {
    }
}

/// <summary>How far the drain has come; null when the supervisor did not say.</summary>
internal sealed record Progress(DrainReport? Drain);

/// <summary>This node does not know the connection that the sender asked for; one of a longer name may.</summary>
internal sealed record Elsewhere(IWireRequest Request) : IOutcome;

/// <summary>No other node has this one's name: what the sender asked of it by that name is meant for it.</summary>
internal sealed record NoNamesake(IWireChange Change);

/// <summary>It is known whether another node has this one's name: whoever asked has his answer, or <see cref="NoNamesake"/> came before.</summary>
internal sealed class CheckOver
{
    public static readonly CheckOver Instance = new();

    private CheckOver()
    {
    }
}
