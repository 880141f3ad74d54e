using ActorServer.Core.Wire;
using Akka.Actor;

namespace ActorServer.Actors;

/// <summary>What a gateway remembers. It outlives a gateway that crashes.</summary>
internal sealed class GatewayState
{
    /// <summary>The cluster the node is in; null: none.</summary>
    public IClusterView? Cluster { get; set; }

    /// <summary>Who is told of this node's drains.</summary>
    public HashSet<IActorRef> Subscribers { get; } = [];

    /// <summary>Who carries other nodes' drains to whom.</summary>
    public Dictionary<(IActorRef Asker, string Node), IActorRef> Couriers { get; } = [];

    /// <summary>It is being found out whether a change is meant for another node of this one's name.</summary>
    public bool IsChecking { get; set; }

    /// <summary>Changes that came after it: they are done in the order in which they came.</summary>
    public Queue<(IWireChange Change, IActorRef Asker)> Held { get; } = [];

    /// <summary>How many requests the node works on.</summary>
    public int InFlight { get; set; }

    /// <summary>How many are to be told the end of a drain that they asked for.</summary>
    public int Waiting { get; set; }

    /// <summary>The supervisor has been asked how far the drain has come.</summary>
    public bool IsAsking { get; set; }
}
