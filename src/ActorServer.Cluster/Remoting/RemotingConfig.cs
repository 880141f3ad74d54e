using ActorServer.Actors;
using Akka.Configuration;

namespace ActorServer.Cluster;

/// <summary>Akka's configuration for a node that speaks with others.</summary>
internal static class RemotingConfig
{
    /// <summary>The name of a node's actor system, part of its address.</summary>
    public const string SystemName = "ActorServer";

    /// <summary>What an actor system needs in whose cluster messages may reach whoever happens to be there.</summary>
    public const string Envelopes = """
        akka.actor.serializers.akka-pubsub = "ActorServer.Cluster.EnvelopeSerializer, ActorServer.Cluster"
        """;

    /// <summary>Serializers that read no types of the sender's choice, and no messages that end or make actors.</summary>
    public const string Closed = """
        akka.actor {
          serializers {
            json = "ActorServer.Cluster.RefusingSerializer, ActorServer.Cluster"
            proto = "ActorServer.Cluster.NoProtobufSerializer, ActorServer.Cluster"
            daemon-create = "ActorServer.Cluster.DeploymentSerializer, ActorServer.Cluster"
            akka-misc = "ActorServer.Cluster.ReferenceOnlySerializer, ActorServer.Cluster"
            akka-system-msg = "ActorServer.Cluster.WatchOnlySerializer, ActorServer.Cluster"
          }
          serialization-settings.allow-unregistered-types = false
        }
        """;

    // A join is not taken until the cluster misses the one that was there before: who is started anew tries more often than by default.
    private const string NoOrders = """
        akka.actor.serializers.akka-cluster = "ActorServer.Cluster.ClusterWordSerializer, ActorServer.Cluster"
        akka.cluster.retry-unsuccessful-join-after = 3s
        """;

    // Others may send to these actors by path: plain untrusted mode would silence the cluster's own daemons. It still delivers any
    // message that can be read to any actor whose path is known, so that what could do harm is not read at all.
    private const string Untrusted = """
        akka.remote {
          untrusted-mode = on
          trusted-selection-paths = [
            "/user/actor-server", "/system/cluster/core/daemon", "/system/cluster/heartbeatReceiver", "/system/remote-watcher",
            "/system/distributedPubSubMediator", "/system/receptionist"
          ]
        }
        """;

    // Purposefully none: a resolver would have healthy nodes leave, and cut their clients off in the end, because another one is
    // dead or cannot be reached. No actor here may live only once in a cluster, so that nothing is gained by it.
    private const string NobodyDowns = """
        akka.cluster.downing-provider-class = ""
        """;

    // What Akka.Cluster says of its members is worth a line each; what remoting says of connections, or once the logger has gone, is not.
    private const string Quiet = """
        akka.remote.log-remote-lifecycle-events = off
        akka.stdout-loglevel = ERROR
        """;

    /// <summary>The protocol of addresses: TLS has another than plain TCP.</summary>
    public static string Protocol(ClusterOptions options) => options.Tls.IsSet ? "akka.ssl.tcp" : "akka.tcp";

    /// <summary>Why an actor system's remoting is open to anybody; null when it is not.</summary>
    public static string? OpenProblem(Config system)
    {
        var tcp = system.GetConfig("akka.remote.dot-netty.tcp");
        var hostname = tcp.GetString("hostname", "") is { Length: > 0 } name ? name : "0.0.0.0";
        var listens = tcp.GetString("bind-hostname", "") is { Length: > 0 } bound ? bound : hostname;
        return tcp.GetBoolean("enable-ssl") || ClusterSettings.IsLoopback(listens) ? null
            : $"akka.remote.dot-netty.tcp listens on {listens} without TLS, where anybody could drain this node: set hostname to 127.0.0.1, "
                + "enable-ssl, or say WithActorServer(allowInsecure: true).";
    }

    /// <summary>The configuration that follows from options.</summary>
    public static Config From(ClusterOptions options)
    {
        var seeds = options.SeedNodes.Select(seed => $"\"{Protocol(options)}://{SystemName}@{seed}\"");
        var roles = options.Roles.Select(static role => $"\"{role}\"");
        return ConfigurationFactory.ParseString($$"""
            akka.actor.provider = cluster
            akka.remote.dot-netty.tcp {
              hostname = "{{options.Hostname}}"
              port = {{options.Port}}
              enable-ssl = {{(options.Tls.IsSet ? "true" : "false")}}
            }
            akka.cluster.seed-nodes = [{{string.Join(", ", seeds)}}]
            akka.cluster.roles = [{{string.Join(", ", roles)}}]
            """)
            .WithFallback(Untrusted)
            .WithFallback(Closed)
            .WithFallback(NoOrders)
            .WithFallback(Envelopes)
            .WithFallback(NobodyDowns)
            .WithFallback(Quiet)
            .WithFallback(WireSerializer.Configuration);
    }
}
