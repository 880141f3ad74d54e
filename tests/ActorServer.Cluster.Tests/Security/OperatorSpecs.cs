using System.Collections.Immutable;
using ActorServer.Actors;
using ActorServer.Cluster.Tests.Support;
using ActorServer.Core.Wire;
using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Configuration;
using Akka.Util;

namespace ActorServer.Cluster.Tests.Security;

/// <summary>What the holder of an operator's certificate can do with the cluster's members, beyond the protocol.</summary>
public sealed class OperatorSpecs : IAsyncLifetime, IDisposable
{
    private static readonly Config ClusterWords = """
        akka.remote.retry-gate-closed-for = 50ms
        akka.actor {
          serializers.akka-cluster = "Akka.Cluster.Serialization.ClusterMessageSerializer, Akka.Cluster"
          serialization-bindings."Akka.Cluster.IClusterMessage, Akka.Cluster" = akka-cluster
          serialization-identifiers."Akka.Cluster.Serialization.ClusterMessageSerializer, Akka.Cluster" = 5
        }
        """;

    private readonly TestAuthority _authority = new();
    private readonly List<PeerCertificates> _certificates = [];
    private TestNode[] _nodes = [];

    public async Task InitializeAsync()
    {
        var first = TestNode.Start("web", configure: options => _authority.Configure(options, "web"));
        _nodes = [first, TestNode.Start("db", seed: first, configure: options => _authority.Configure(options, "db"))];
        await TestNode.UpAsync(_nodes);
    }

    public async Task DisposeAsync()
    {
        await Task.WhenAll(_nodes.Select(n => n.DisposeAsync().AsTask()));
    }

    public void Dispose()
    {
        _certificates.ForEach(c => c.Dispose());
        _authority.Dispose();
    }

    [Theory]
    [InlineData("Down")]
    [InlineData("Leave")]
    [InlineData("Join")]
    public async Task An_order_about_a_member_is_not_taken_from_afar(string order)
    {
        foreach (var victim in _nodes)
        {
            // Whom a node cuts off for what it sent loses what it says next: each order comes from somebody new.
            await OrderAsync(order, victim, (enemy, message) => Daemon(enemy).Tell(message));
            await OrderAsync(order, victim, (enemy, message) => enemy.ActorSelection($"{_nodes[0].Address}/system/cluster/core/daemon").Tell(message));
            await OrderAsync(order, victim, (enemy, message) => enemy.ActorSelection($"{_nodes[0].Address}/system/distributedPubSubMediator")
                .Tell(new Send("/system/cluster/core/daemon", message, localAffinity: true)));
        }

        // What had come is in the daemon's mailbox before this.
        using var daemon = Inbox.Create(_nodes[0].System);
        _nodes[0].Cluster.SendCurrentClusterState(daemon.Receiver);
        var state = Assert.IsType<ClusterEvent.CurrentClusterState>(await daemon.ReceiveAsync(TestNode.WaitMax));
        Assert.Equal([MemberStatus.Up, MemberStatus.Up], state.Members.Select(m => m.Status));
        Assert.All(_nodes, n => Assert.False(n.System.WhenTerminated.IsCompleted));
    }

    // Nodes cannot tell one certificate from another once its holder has come in: so much is said in docs/operations.md.
    [Fact]
    public async Task But_its_holder_may_join_and_a_member_may_down_others()
    {
        await using var intruder = TestNode.Start("intruder", seed: _nodes[0], configure: options => _authority.Configure(options, "ops", isOperator: true));
        await TestNode.UpAsync([.. _nodes, intruder]);

        intruder.Cluster.Down(_nodes[1].Address);

        await _nodes[1].System.WhenTerminated.WaitAsync(TestNode.WaitMax);
    }

    private async Task OrderAsync(string order, TestNode victim, Action<ActorSystem, object> send)
    {
        var (certificate, key) = _authority.Sign("operator", isOperator: true);
        var own = PeerCertificates.Load(certificate, key, _authority.Path);
        _certificates.Add(own);
        await using var enemy = Ops.Start(ClusterWords, own.ToSetup());
        // It may speak.
        await enemy.AskAsync<Here>(_nodes[0], new Hello());

        send(enemy.System, order == "Join"
            // As if the victim had been started anew: the daemon would down the one that is there.
            ? Word("InternalClusterAction+Join", new UniqueAddress(victim.Address, 42), ImmutableHashSet<string>.Empty, AppVersion.Zero)
            : Word($"ClusterUserAction+{order}", victim.Address));

        // What it says next is heard, or it has been cut off, and comes back.
        while (true)
        {
            enemy.Tell(_nodes[0], new Hello());
            try
            {
                Assert.IsType<Here>(await enemy.Inbox.ReceiveAsync(TimeSpan.FromSeconds(1)));
                break;
            }
            catch (TimeoutException)
            {
            }
        }
    }

    private static object Word(string name, params object[] arguments)
        => Activator.CreateInstance(
            typeof(Akka.Cluster.Cluster).Assembly.GetType($"Akka.Cluster.{name}", throwOnError: true)!, arguments)!;

    private IActorRef Daemon(ActorSystem enemy)
        => ((ExtendedActorSystem)enemy).Provider.ResolveActorRef($"{_nodes[0].Address}/system/cluster/core/daemon");
}
