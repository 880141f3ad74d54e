using ActorServer.Actors;
using ActorServer.Core.Wire;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Cluster.Tools.Client;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Configuration;

namespace ActorServer.Cluster.Tests.Support;

/// <summary>Ops tooling: another actor system, which joins no cluster and speaks the wire protocol.</summary>
internal sealed class Ops : IAsyncDisposable
{
    public static readonly Config Silent = """
        akka.loglevel = OFF
        akka.stdout-loglevel = OFF
        akka.log-dead-letters = off
        akka.log-dead-letters-during-shutdown = off
        akka.coordinated-shutdown.run-by-clr-shutdown-hook = off
        """;

    private Ops(ActorSystem system) => (System, Inbox) = (system, Inbox.Create(system));

    public ActorSystem System { get; }

    /// <summary>Whoever sends, and hears what is answered.</summary>
    public Inbox Inbox { get; }

    public static Ops Start(Config? config = null, Setup? tls = null)
    {
        Config remote = $$"""
            akka.actor.provider = remote
            akka.remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0, enable-ssl = {{(tls is null ? "off" : "on")}} }
            """;
        var all = (config ?? Config.Empty).WithFallback(remote)
            .WithFallback(WireSerializer.Configuration).WithFallback(Silent)
            .WithFallback(ClusterClientReceptionist.DefaultConfig()).WithFallback(DistributedPubSub.DefaultConfig());
        var setup = ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(all));
        return new(ActorSystem.Create("ops", tls is null ? setup : setup.And(tls)));
    }

    public ActorSelection Gateway(TestNode node) => System.ActorSelection($"{node.Address}/user/actor-server");

    public void Tell(TestNode node, object message) => Gateway(node).Tell(message, Inbox.Receiver);

    public async Task<T> HearAsync<T>() => Assert.IsType<T>(await Inbox.ReceiveAsync(TestNode.WaitMax));

    /// <summary>Hears what comes until a kind of message does.</summary>
    public async Task<T> HearUntilAsync<T>()
    {
        while (true)
        {
            if (await Inbox.ReceiveAsync(TestNode.WaitMax) is var message && message is T awaited)
            {
                return awaited;
            }

            Assert.False(message is Refused or NotUnderstood or Status.Failure, $"{message}");
        }
    }

    public Task<T> AskAsync<T>(TestNode node, IWireRequest request)
    {
        Tell(node, request);
        return HearAsync<T>();
    }

    /// <summary>Asks, and hears what comes until a kind of answer does.</summary>
    public Task<T> AskUntilAsync<T>(TestNode node, IWireRequest request)
    {
        Tell(node, request);
        return HearUntilAsync<T>();
    }

    public async ValueTask DisposeAsync()
    {
        Inbox.Dispose();
        await System.Terminate().WaitAsync(TestNode.WaitMax);
    }
}
