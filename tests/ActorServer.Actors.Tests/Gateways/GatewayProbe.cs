using ActorServer.Core.Wire;
using ActorServer.TestKit;
using Akka.Actor;

namespace ActorServer.Actors.Tests.Gateways;

/// <summary>Whoever speaks with the gateway of a node in virtual time, without remoting between them.</summary>
internal sealed class GatewayProbe(VirtualNode node) : IDisposable
{
    public static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    private readonly Inbox _inbox = Inbox.Create(node.System);

    public IActorRef Self => _inbox.Receiver;

    private IActorRef Gateway => ((ActorServerNode)node.Server).Gateway;

    /// <summary>The gateway's couriers.</summary>
    public IEnumerable<IActorRef> Couriers => ((ActorRefWithCell)Gateway).Children;

    public void Tell(object message, IActorRef? sender = null) => Gateway.Tell(message, sender ?? Self);

    public async Task<T> HearAsync<T>() => Assert.IsType<T>(await HearAnyAsync());

    public Task<object> HearAnyAsync() => _inbox.ReceiveAsync(WaitMax).WaitAsync(WaitMax);

    public Task<T> AskAsync<T>(IWireRequest request)
    {
        Tell(request);
        return HearAsync<T>();
    }

    /// <summary>The gateway has heard all that was told before.</summary>
    public Task SettleAsync() => AskAsync<Here>(new Hello());

    public void Dispose() => _inbox.Dispose();
}

/// <summary>A cluster whose other members are as a test wants them.</summary>
internal sealed class ClusterOf(params IReadOnlyList<Address> others) : IClusterView
{
    /// <summary>Nobody is there, and nothing says so.</summary>
    public static readonly Address Nowhere = new("akka.tcp", "ActorServer", "192.0.2.1", 4053);

    public IReadOnlyList<ClusterPeer> Others => [.. others.Select(a => new ClusterPeer(a, IsReachable: true))];

    public void Leave(string reason)
    {
        // Nobody leaves here.
    }

    public void Down(Address member)
    {
        // Nor is anybody missing.
    }
}
