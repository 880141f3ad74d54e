using Akka.Actor;
using Wire = ActorServer.Core.Wire;

namespace ActorServer.Actors;

/// <summary>What a gateway remembers. It outlives a gateway that crashes.</summary>
internal sealed class GatewayState
{
    /// <summary>How many are told of drains at most: each of them hears every word.</summary>
    public const int SubscribersMax = 1000;

    /// <summary>How many requests are under way at most, those for other nodes and the drains that are waited for among them.</summary>
    public const int UnderWayMax = 1000;

    /// <summary>Beyond those, so many changes are heard all the same: whoever asks a lot keeps nobody from steering.</summary>
    public const int ChangesBeyond = 100;

    // What is not understood fills no disk.
    private static readonly TimeSpan TellInterval = TimeSpan.FromSeconds(1);

    private DateTimeOffset _toldAt = DateTimeOffset.MinValue;

    /// <summary>The cluster the node is in; null: none.</summary>
    public IClusterView? Cluster { get; set; }

    /// <summary>Who is told of this node's drains.</summary>
    public HashSet<IActorRef> Subscribers { get; } = [];

    /// <summary>Who carries other nodes' drains to whom.</summary>
    public Dictionary<(IActorRef Asker, string Node), IActorRef> Couriers { get; } = [];

    /// <summary>Requests that have not been answered to the end.</summary>
    public int UnderWay { get; set; }

    /// <summary>Whether one more request may be taken.</summary>
    public bool Bears(Wire.IWireRequest request, IActorRef sender) => request switch
    {
        Wire.UnsubscribeFromDrain => true,
        Wire.SubscribeToDrain when !Subscribers.Contains(sender) && Subscribers.Count >= SubscribersMax => false,
        Wire.IWireChange => UnderWay < UnderWayMax + ChangesBeyond,
        _ => UnderWay < UnderWayMax,
    };

    /// <summary>Whether it is time to say once more that something was not understood.</summary>
    public bool MayTell(DateTimeOffset now)
    {
        var may = now - _toldAt >= TellInterval;
        _toldAt = may ? now : _toldAt;
        return may;
    }

    /// <summary>The supervisor has been asked how far the drain has come.</summary>
    public bool IsAsking { get; set; }
}
