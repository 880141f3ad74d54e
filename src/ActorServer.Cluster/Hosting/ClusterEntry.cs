using ActorServer.Actors;
using Akka.Actor;
using Akka.Cluster.Tools.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorServer.Cluster;

/// <summary>Brings a node into the cluster of its actor system.</summary>
internal static class ClusterEntry
{
    public static void Enter(ActorSystem system, ActorServerNode node, ILoggerFactory? loggers, bool joinItself)
    {
        var cluster = Akka.Cluster.Cluster.Get(system);
        new Log(loggers ?? NullLoggerFactory.Instance).Reachable(node.Node, $"{cluster.SelfAddress}/user/{ActorServerNode.GatewayName}");
        node.Enter(new ClusterView(cluster));
        ClusterClientReceptionist.Get(system).RegisterService(node.Gateway);
        if (joinItself)
        {
            cluster.Join(cluster.SelfAddress);
        }
    }
}
