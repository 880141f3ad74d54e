using ActorServer.Actors;
using Akka.Actor;
using Akka.Cluster;

namespace ActorServer.Cluster;

/// <summary>The cluster, as Akka.Cluster knows it.</summary>
internal sealed class ClusterView(Akka.Cluster.Cluster cluster) : IClusterView
{
    public IReadOnlyList<ClusterPeer> Others
    {
        get
        {
            var state = cluster.State;
            return [.. from member in state.Members
                       where member.UniqueAddress != cluster.SelfUniqueAddress && member.Status is not (MemberStatus.Down or MemberStatus.Removed)
                       select new ClusterPeer(member.Address, !state.Unreachable.Contains(member) || IsHeard(member.Address))];
        }
    }

    // That some other member does not reach it is everybody's knowledge, and no reason why this node should not.
    private bool IsHeard(Address member)
        => cluster.FailureDetector.IsMonitoring(member) && cluster.FailureDetector.IsAvailable(member);

    public void Leave(string reason)
        // By the shutdown that any end of the system goes through: the drain first, which is over already, then the leave.
        => CoordinatedShutdown.Get(cluster.System).Run(new NodeLeaves(reason))
            .ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    public void Down(Address member) => cluster.Down(member);
}

/// <summary>The node was told to leave its cluster, and has drained.</summary>
internal sealed class NodeLeaves(string reason) : CoordinatedShutdown.Reason
{
    public override int ExitCode => 0;

    public override string ToString() => reason;
}
