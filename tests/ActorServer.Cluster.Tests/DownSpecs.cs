using ActorServer.Cluster.Tests.Support;
using ActorServer.Core.Wire;
using Akka.Actor;
using Akka.Cluster;
using Akka.Remote;
using Wire = ActorServer.Core.Wire;

namespace ActorServer.Cluster.Tests;

/// <summary>Nobody gives up a member that is missing but an operator.</summary>
public sealed class DownSpecs : IAsyncLifetime
{
    private readonly Ops _ops = Ops.Start();
    private TestNode[] _nodes = [];

    public async Task InitializeAsync() => _nodes = await TestNode.StartAsync("web-1", "web-2", "db");

    public async Task DisposeAsync()
    {
        await _ops.DisposeAsync();
        await Task.WhenAll(_nodes.Select(n => n.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task A_member_that_died_is_removed_and_others_join_again()
    {
        using var news = Inbox.Create(_nodes[0].System);
        _nodes[0].Cluster.Subscribe(
            news.Receiver, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents,
            typeof(ClusterEvent.UnreachableMember), typeof(ClusterEvent.MemberRemoved));
        var dead = _nodes[2].Address;
        // As a process that is killed: it says nothing more, and leaves nobody.
        await ((RemoteActorRefProvider)((ExtendedActorSystem)_nodes[2].System).Provider).Transport.Shutdown();
        Assert.Equal(dead, Assert.IsType<ClusterEvent.UnreachableMember>(await news.ReceiveAsync(TestNode.WaitMax)).Member.Address);

        var downed = await _ops.AskAsync<Downed>(_nodes[0], new Wire.Down($"{dead.Host}:{dead.Port}", By: "ann"));

        Assert.Equal(("web-1", dead.ToString()), (downed.Node, downed.Member));
        Assert.Equal(dead, Assert.IsType<ClusterEvent.MemberRemoved>(await news.ReceiveAsync(TestNode.WaitMax)).Member.Address);
        await using var another = TestNode.Start("web-3", seed: _nodes[0]);
        await another.SeesAsync(3);
        Assert.Equal(RefusalCode.UnknownNode, (await _ops.AskAsync<Refused>(_nodes[1], new Wire.Down(dead.ToString()))).Code);
    }

    [Fact]
    public async Task A_member_that_is_heard_from_is_not_given_up()
    {
        var member = _nodes[2].Address;

        var refused = await _ops.AskAsync<Refused>(_nodes[0], new Wire.Down(member.ToString()));

        Assert.Equal(RefusalCode.Conflict, refused.Code);
        Assert.Equal(MemberStatus.Up, _nodes[0].Cluster.State.Members.Single(m => m.Address == member).Status);
    }

    [Fact]
    public async Task Who_does_it_may_be_named()
        => Assert.Equal(
            ("web-2", RefusalCode.UnknownNode),
            await _ops.AskAsync<Refused>(_nodes[0], new Wire.Down("192.0.2.1:4053", "web-2")) is var refused ? (refused.Node, refused.Code) : default);
}
