using ActorServer.Actors;
using ActorServer.Cluster.Tests.Support;
using ActorServer.Core;
using ActorServer.Core.Wire;
using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Configuration;
using Akka.Dispatch.SysMsg;
using Wire = ActorServer.Core.Wire;

namespace ActorServer.Cluster.Tests.Security;

/// <summary>An actor system that speaks all of Akka's remoting can command the actors of a node by the protocol, and by nothing else.</summary>
/// <remarks>It may join the cluster all the same, and down members as one of them: see <see cref="OperatorSpecs"/>.</remarks>
public sealed class HostileSpecs : IAsyncLifetime
{
    // Whom a node cuts off for what it sent comes back at once.
    private readonly Ops _enemy = Ops.Start(
        ((Config)"akka.remote.retry-gate-closed-for = 50ms").WithFallback(DistributedPubSub.DefaultConfig()));

    private readonly Ops _friend = Ops.Start();
    private readonly TestNode _node = TestNode.Start("target");
    private readonly List<(string Path, IActorRef Actor)> _victims = [];
    private string _connection = "";

    /// <summary>Messages that end or cripple an actor, or command it behind the protocol's back.</summary>
    public static TheoryData<string> Messages => new(Harmful.Keys);

    /// <summary>System messages that do the same.</summary>
    public static TheoryData<string> SystemMessages => new("Suspend", "Terminate", "Recreate", "Death", "Watch", "Failed");

    private static Dictionary<string, Func<object>> Harmful { get; } = new()
    {
        ["PoisonPill"] = () => PoisonPill.Instance,
        ["Kill"] = () => Kill.Instance,
        ["a drain behind the gateway"] = () => Internal("BeginDrain", new DrainRequest(DrainTrigger.Code)),
        ["an order to a connection"] = () => Internal("CommandConnection", "target-1", true),
        ["an abort of a connection"] = () => Internal("AbortOrder", EndReason.Aborted),
    };

    public async Task InitializeAsync()
    {
        _connection = (await _node.AcceptAsync()).Id;
        foreach (var path in (string[])["/user/actor-server", $"/user/{ActorServerNode.ActorName}", $"/user/{ActorServerNode.ActorName}/{_connection}", "/system/receptionist"])
        {
            _victims.Add((path, await _node.System.ActorSelection(path).ResolveOne(TestNode.WaitMax)));
        }
    }

    public async Task DisposeAsync()
    {
        await _enemy.DisposeAsync();
        await _friend.DisposeAsync();
        await _node.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public async Task A_harmful_message_does_nothing_by_selection_nor_by_reference(string message)
    {
        foreach (var (path, _) in _victims)
        {
            _enemy.System.ActorSelection($"{_node.Address}{path}").Tell(Harmful[message](), _enemy.Inbox.Receiver);
            Reference(path).Tell(Harmful[message](), _enemy.Inbox.Receiver);
        }

        _enemy.System.ActorSelection($"{_node.Address}/user/*").Tell(Harmful[message](), _enemy.Inbox.Receiver);

        await AssertUntouchedAsync();
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public async Task Nor_in_an_envelope_that_the_cluster_opens(string message)
    {
        foreach (var post in (string[])["/system/distributedPubSubMediator", "/system/receptionist"])
        {
            Reference(post).Tell(new Send("/user/actor-server", Harmful[message](), localAffinity: true), _enemy.Inbox.Receiver);
            Reference(post).Tell(new SendToAll("/user/actor-server", Harmful[message]()), _enemy.Inbox.Receiver);
            _enemy.System.ActorSelection($"{_node.Address}{post}").Tell(
                new Send("/user/actor-server", Harmful[message](), localAffinity: true), _enemy.Inbox.Receiver);
        }

        await AssertUntouchedAsync();
    }

    [Theory]
    [MemberData(nameof(SystemMessages))]
    public async Task Nor_do_system_messages(string message)
    {
        foreach (var (path, actor) in _victims)
        {
            System((IInternalActorRef)Reference(path), actor, message);
        }

        // Who ends, or thinks that its child has, takes the whole node along.
        foreach (var (guardian, child) in (ValueTuple<string, string>[])[("/user", "/user/actor-server"), ("/system", "/user"), ("/", "/user")])
        {
            System((IInternalActorRef)Reference(guardian), Reference(child), message);
        }

        await AssertUntouchedAsync();
    }

    [Fact]
    public async Task Nobody_deploys_an_actor_here()
    {
        Intruder.Came = new(TaskCreationOptions.RunContinuationsAsynchronously);

        _enemy.System.ActorOf(
            Props.Create<Intruder>().WithDeploy(Deploy.None.WithScope(new RemoteScope(_node.Address))), "intruder");

        await AssertUntouchedAsync();
        Assert.False(Intruder.Came.Task.IsCompleted);
    }

    [Fact]
    public async Task Nobody_looks_around()
    {
        using Inbox spy = Inbox.Create(_enemy.System);
        _enemy.System.ActorSelection($"{_node.Address}/user/*/*").Tell(new Identify("look"), spy.Receiver);
        _enemy.System.ActorSelection($"{_node.Address}/user/{ActorServerNode.ActorName}/{_connection}").Tell(new Identify("look"), spy.Receiver);
        _enemy.Gateway(_node).Tell(new Identify("gateway"), spy.Receiver);

        // The last is answered, and it alone.
        Assert.Equal("gateway", Assert.IsType<ActorIdentity>(await spy.ReceiveAsync(TestNode.WaitMax)).MessageId);
    }

    [Fact]
    public async Task The_protocol_is_heard()
    {
        Assert.Equal("target", (await _enemy.AskAsync<Here>(_node, new Hello())).Node);
        Assert.Equal(_connection, (await _enemy.AskAsync<CloseAccepted>(_node, new CloseConnection(_connection))).Id);
    }

    private static object Internal(string name, params object[] arguments)
        => Activator.CreateInstance(typeof(ActorServerNode).Assembly.GetType($"ActorServer.Actors.{name}", throwOnError: true)!, arguments)!;

    private IActorRef Reference(string path)
        => ((ExtendedActorSystem)_enemy.System).Provider.ResolveActorRef($"{_node.Address}{path}");

    private void System(IInternalActorRef victim, IActorRef other, string message)
    {
        ISystemMessage harmful = message switch
        {
            "Suspend" => new Akka.Dispatch.SysMsg.Suspend(),
            "Terminate" => new Terminate(),
            "Recreate" => new Recreate(new InvalidOperationException("because I say so")),
            "Death" => new DeathWatchNotification(other, existenceConfirmed: true, addressTerminated: false),
            "Watch" => new Watch((IInternalActorRef)_enemy.Inbox.Receiver, victim),
            "Failed" => new Failed(other, new InvalidOperationException("because I say so"), 0),
            _ => throw new ArgumentOutOfRangeException(nameof(message)),
        };
        victim.SendSystemMessage(harmful);
        if (message == "Watch")
        {
            victim.SendSystemMessage(new DeathWatchNotification(_enemy.Inbox.Receiver, existenceConfirmed: true, addressTerminated: false));
        }
    }

    // Whatever was sent is there, or was dropped with the association, before something of the enemy's is answered: it goes the
    // same way, in its order. What became of the node is told by another.
    private async Task AssertUntouchedAsync()
    {
        using Inbox answer = Inbox.Create(_enemy.System);
        for (var tries = 0; tries < 2; tries++)
        {
            _enemy.Gateway(_node).Tell(new Hello(), answer.Receiver);
            try
            {
                Assert.IsType<Here>(await answer.ReceiveAsync(TimeSpan.FromSeconds(1)));
                break;
            }
            catch (TimeoutException)
            {
                // It has been cut off, and what it said meanwhile is lost. Who goes on sending what is not read stays cut off.
            }
        }

        var status = (await _friend.AskAsync<StatusAnswer>(_node, new Wire.GetStatus())).Status;
        Assert.Equal((NodePhase.Serving, 1, 0), (status.Phase, status.Connections.Total, status.Totals.Aborted));
        foreach (var (path, actor) in _victims)
        {
            Assert.Equal(actor, await _node.System.ActorSelection(path).ResolveOne(TestNode.WaitMax));
        }

        Assert.False(_node.System.WhenTerminated.IsCompleted);
    }

    private sealed class Intruder : UntypedActor
    {
        public Intruder() => Came.TrySetResult();

        public static TaskCompletionSource Came { get; set; } = new();

        protected override void OnReceive(object message) => Unhandled(message);
    }
}
