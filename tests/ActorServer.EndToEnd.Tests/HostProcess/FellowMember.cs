using System.Threading.Channels;
using ActorServer.Cluster;
using ActorServer.Core.Wire;
using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;

namespace ActorServer.EndToEnd.Tests.HostProcess;

/// <summary>Another member of a host's cluster, in the test's own process.</summary>
internal sealed class FellowMember : IAsyncDisposable
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    private static readonly Config Silent = """
        akka.loglevel = OFF
        akka.stdout-loglevel = OFF
        akka.log-dead-letters = off
        akka.log-dead-letters-during-shutdown = off
        akka.coordinated-shutdown.run-by-clr-shutdown-hook = off
        """;

    private readonly ActorSystem _system;
    private readonly Inbox _inbox;
    private readonly ChannelReader<string> _fates;

    private FellowMember(ActorSystem system, Address host, ChannelReader<string> fates)
        => (_system, Host, _fates, _inbox) = (system, host, fates, Inbox.Create(system));

    /// <summary>The host's address.</summary>
    public Address Host { get; }

    public Akka.Cluster.Cluster Cluster => Akka.Cluster.Cluster.Get(_system);

    /// <summary>Joins a host's cluster, and waits until both are up.</summary>
    public static async Task<FellowMember> JoinAsync(RunningHost host)
    {
        var line = await host.Output.LineAsync(" is reached at ");
        var address = ActorPath.Parse(line[line.LastIndexOf("akka.", StringComparison.Ordinal)..].Trim()).Address;
        ClusterOptions options = new() { Port = 0 };
        options.SeedNodes.Add($"{address.Host}:{address.Port}");
        var system = ActorSystem.Create(RemotingConfig.SystemName, RemotingConfig.From(options).WithFallback(Silent));
        var fates = Channel.CreateUnbounded<string>();
        system.ActorOf(Props.Create(() => new Watcher(address, fates.Writer)));
        FellowMember fellow = new(system, address, fates.Reader);
        using CancellationTokenSource patience = new(WaitMax);
        await fellow.Cluster.JoinAsync(address, patience.Token);
        await fellow.HearsAsync(nameof(MemberStatus.Up));
        return fellow;
    }

    /// <summary>Waits until the host's membership has come this far.</summary>
    public async Task HearsAsync(string fate)
    {
        using CancellationTokenSource patience = new(WaitMax);
        while (await _fates.ReadAsync(patience.Token) != fate)
        {
        }
    }

    /// <summary>Nothing has been heard of the host since.</summary>
    public bool HearsNothing => !_fates.TryPeek(out _);

    public void Tell(IWireRequest request)
        => _system.ActorSelection($"{Host}/user/actor-server").Tell(request, _inbox.Receiver);

    public async Task<T> AnswerAsync<T>() => Assert.IsType<T>(await _inbox.ReceiveAsync(WaitMax));

    public async ValueTask DisposeAsync()
    {
        _inbox.Dispose();
        await _system.Terminate().WaitAsync(WaitMax);
    }

    private sealed class Watcher : ReceiveActor
    {
        public Watcher(Address host, ChannelWriter<string> fates)
        {
            Receive<ClusterEvent.IMemberEvent>(change =>
            {
                if (change.Member.Address == host)
                {
                    fates.TryWrite(change.Member.Status.ToString());
                }
            });
            Akka.Cluster.Cluster.Get(Context.System).Subscribe(
                Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent));
        }
    }
}
