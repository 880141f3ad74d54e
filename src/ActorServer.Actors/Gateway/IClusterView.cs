using Akka.Actor;

namespace ActorServer.Actors;

/// <summary>What a node knows of the cluster it is in.</summary>
public interface IClusterView
{
    /// <summary>The cluster's other members.</summary>
    IReadOnlyList<ClusterPeer> Others { get; }

    /// <summary>Begins to leave the cluster. The actor system ends afterwards. Returns at once.</summary>
    /// <param name="reason">Why, for the record.</param>
    void Leave(string reason);

    /// <summary>Has the cluster remove a member that is missing. Returns at once.</summary>
    /// <param name="member">Where its actor system listened.</param>
    void Down(Address member);
}

/// <summary>Another member of the cluster.</summary>
/// <param name="Address">Where its actor system listens.</param>
/// <param name="IsReachable">The cluster has heard from it of late.</param>
public sealed record ClusterPeer(Address Address, bool IsReachable);
