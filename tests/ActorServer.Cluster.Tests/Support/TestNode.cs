using System.Globalization;
using ActorServer.Actors;
using ActorServer.Core;
using ActorServer.TestKit;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Cluster;
using Akka.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorServer.Cluster.Tests.Support;

/// <summary>A node without sockets for clients, in an actor system that others reach by TCP.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    public static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    // Gossip among actor systems of one process need not be slow.
    private static readonly Config Fast = """
        akka.cluster { periodic-tasks-initial-delay = 100ms, gossip-interval = 100ms, leader-actions-interval = 100ms }
        """;

    private int _accepted;

    private TestNode(ActorSystem system, ActorServerNode node, TransitionLog transitions)
        => (System, Node, Transitions) = (system, node, transitions);

    public ActorSystem System { get; }

    public ActorServerNode Node { get; }

    public TransitionLog Transitions { get; }

    public Akka.Cluster.Cluster Cluster => Akka.Cluster.Cluster.Get(System);

    public Address Address => Cluster.SelfAddress;

    public static TestNode Start(
        string name, DrainOptions? drain = null, TestNode? seed = null, IEnumerable<IDrainHook>? hooks = null,
        Action<ClusterOptions>? configure = null, ILoggerFactory? loggers = null)
    {
        ClusterOptions options = new() { Port = 0 };
        if (seed is not null)
        {
            options.SeedNodes.Add($"{seed.Address.Host}:{seed.Address.Port}");
        }

        configure?.Invoke(options);
        var setup = ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(Fast.WithFallback(RemotingConfig.From(options)).WithFallback(Ops.Silent)));
        if (options.Tls is { Certificate: { } certificate, Key: { } key, Authority: { } authority })
        {
            setup = setup.And(PeerCertificates.Load(certificate, key, authority).ToSetup());
        }

        var system = ActorSystem.Create(RemotingConfig.SystemName, setup);
        TransitionLog transitions = new();
        var node = ActorServerNode.Start(
            system, name, (drain ?? Quick()).Resolve(isDevelopment: true), new FakeListenerGate(), TimeProvider.System, [transitions],
            hooks ?? [], loggers ?? NullLoggerFactory.Instance);
        ClusterEntry.Enter(system, node, loggers, joinItself: seed is null);
        return new(system, node, transitions);
    }

    /// <summary>Nodes of one cluster, each of which sees all others up.</summary>
    public static async Task<TestNode[]> StartAsync(params string[] names)
    {
        var first = Start(names[0]);
        TestNode[] all = [first, .. names.Skip(1).Select(name => Start(name, seed: first))];
        await UpAsync(all);
        return all;
    }

    public static Task UpAsync(IReadOnlyList<TestNode> nodes) => Task.WhenAll(nodes.Select(n => n.SeesAsync(nodes.Count))).WaitAsync(WaitMax);

    public async Task<VirtualConnection> AcceptAsync()
    {
        FakeTransport transport = new();
        VirtualConnection connection = new(
            Node.Accept(Interlocked.Increment(ref _accepted).ToString(CultureInfo.InvariantCulture), transport), transport);
        await Transitions.ReachAsync(connection.Id, ConnectionState.New);
        return connection;
    }

    /// <summary>Waits for the cluster's own word that so many members are up.</summary>
    public async Task SeesAsync(int members)
    {
        using var inbox = Inbox.Create(System);
        Cluster.Subscribe(
            inbox.Receiver, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.MemberUp));
        HashSet<Address> up = [];
        while (up.Count < members)
        {
            up.Add(Assert.IsType<ClusterEvent.MemberUp>(await inbox.ReceiveAsync(WaitMax)).Member.Address);
        }

        Cluster.Unsubscribe(inbox.Receiver);
    }

    public async ValueTask DisposeAsync()
    {
        await System.Terminate().WaitAsync(WaitMax);
        Node.Dispose();
    }

    private static DrainOptions Quick() => new() { SilentGrace = Duration.Zero, IdleGrace = Duration.Zero, ExitWait = TimeSpan.FromSeconds(1) };
}
