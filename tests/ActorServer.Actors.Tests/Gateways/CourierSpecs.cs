using ActorServer.Core.Wire;
using ActorServer.TestKit;
using Akka.Actor;
using Wire = ActorServer.Core.Wire;

namespace ActorServer.Actors.Tests.Gateways;

/// <summary>Whoever looks for another node hears those it has asked, and whoever sent it may call it back.</summary>
public sealed class CourierSpecs : IAsyncDisposable
{
    private static readonly TimeSpan FindWait = TimeSpan.FromSeconds(3);

    private readonly VirtualNode _node = VirtualNode.Start();
    private readonly GatewayProbe _probe;

    public CourierSpecs()
    {
        _probe = new(_node);
        ((ActorServerNode)_node.Server).Enter(new ClusterOf(ClusterOf.Nowhere));
    }

    public async ValueTask DisposeAsync()
    {
        _probe.Dispose();
        await _node.DisposeAsync();
    }

    [Fact]
    public async Task Who_was_not_asked_is_not_taken_for_the_node_that_is_looked_for()
    {
        using var stranger = Inbox.Create(_node.System);
        _probe.Tell(new Drain("web-9"));
        await _probe.SettleAsync();

        var courier = Assert.Single(_probe.Couriers);
        courier.Tell(new Here("web-9"), stranger.Receiver);
        courier.Tell(new DrainAccepted("web-9", null!), stranger.Receiver);
        _node.Advance(FindWait);

        Assert.Equal(RefusalCode.Unreachable, (await _probe.HearAsync<Refused>()).Code);
        stranger.Receiver.Tell("nothing else", ActorRefs.NoSender);
        Assert.Equal("nothing else", await stranger.ReceiveAsync(GatewayProbe.WaitMax).WaitAsync(GatewayProbe.WaitMax));
    }

    [Fact]
    public async Task Who_changes_his_mind_while_the_node_is_looked_for_follows_nothing()
    {
        _probe.Tell(new SubscribeToDrain("web-9"));
        _probe.Tell(new UnsubscribeFromDrain("web-9"));

        Assert.Equal("web-9", (await _probe.HearAsync<Unsubscribed>()).Node);
        _node.Advance(FindWait);
        await _probe.SettleAsync();
    }

    [Fact]
    public async Task Who_follows_the_same_node_again_has_one_courier()
    {
        using var watcher = Inbox.Create(_node.System);
        _probe.Tell(new SubscribeToDrain("web-9"));
        await _probe.SettleAsync();
        var first = Assert.Single(_probe.Couriers);
        watcher.Watch(first);

        _probe.Tell(new SubscribeToDrain("web-9"));

        Assert.Equal(first, Assert.IsType<Terminated>(await watcher.ReceiveAsync(GatewayProbe.WaitMax).WaitAsync(GatewayProbe.WaitMax)).ActorRef);
        await _probe.SettleAsync();
        Assert.NotEqual(first, Assert.Single(_probe.Couriers));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_changes_a_node_is_done_in_order_while_its_name_is_looked_for_elsewhere(bool isNamed)
    {
        var name = ((ActorServerNode)_node.Server).Node;
        _probe.Tell(new Wire.Suspend(name));
        _probe.Tell(new Wire.Resume(isNamed ? name : null));
        await _probe.SettleAsync();
        Assert.Single(_probe.Couriers);

        _node.Advance(FindWait);

        await _probe.HearAsync<StatusAnswer>();
        await _probe.HearAsync<StatusAnswer>();
        Assert.True((await _node.Server.StatusAsync()).Accepting);
    }

    [Fact]
    public async Task So_many_changes_wait_for_their_turn_and_no_more()
    {
        const int held = 100;
        var name = ((ActorServerNode)_node.Server).Node;
        for (var i = 0; i < held + 2; i++)
        {
            _probe.Tell(new Wire.Resume(name));
        }

        var refused = await _probe.HearAsync<Refused>();
        Assert.Equal((RefusalCode.Busy, true), (refused.Code, refused.Message.Contains("turn", StringComparison.Ordinal)));
        await _probe.SettleAsync();
        _node.Advance(FindWait);
        for (var i = 0; i < held + 1; i++)
        {
            await _probe.HearAsync<StatusAnswer>();
        }
    }

    [Fact]
    public async Task Each_node_that_is_followed_has_a_courier_of_its_own()
    {
        _probe.Tell(new SubscribeToDrain("web-8"));
        _probe.Tell(new SubscribeToDrain("web-9"));
        await _probe.SettleAsync();
        Assert.Equal(2, _probe.Couriers.Count());

        _probe.Tell(new UnsubscribeFromDrain("web-8"));
        Assert.Equal("web-8", (await _probe.HearAsync<Unsubscribed>()).Node);

        _node.Advance(FindWait);
        Assert.Contains("web-9", (await _probe.HearAsync<Refused>()).Message, StringComparison.Ordinal);
    }
}
