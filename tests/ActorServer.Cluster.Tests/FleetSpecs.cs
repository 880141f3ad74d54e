using ActorServer.Cluster.Tests.Support;
using ActorServer.Core;
using ActorServer.Core.Wire;
using Akka.Actor;
using Akka.Cluster.Tools.Client;
using Akka.Remote;
using Wire = ActorServer.Core.Wire;

namespace ActorServer.Cluster.Tests;

/// <summary>Any node answers for each of its cluster.</summary>
public sealed class FleetSpecs : IAsyncLifetime
{
    private const int Rounds = 100;

    private readonly Ops _ops = Ops.Start();
    private TestNode[] _nodes = [];

    // The names begin alike: an identity that begins with one may be the other's.
    private TestNode A => _nodes[0];

    private TestNode B => _nodes[1];

    private TestNode C => _nodes[2];

    public async Task InitializeAsync() => _nodes = await TestNode.StartAsync("web", "web-2", "db");

    public async Task DisposeAsync()
    {
        await _ops.DisposeAsync();
        await Task.WhenAll(_nodes.Select(n => n.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task A_connection_is_found_from_every_node_by_its_identity()
    {
        foreach (var owner in _nodes)
        {
            var connection = await owner.AcceptAsync();
            foreach (var asked in _nodes)
            {
                var answer = await _ops.AskAsync<ConnectionAnswer>(asked, new Wire.GetConnection(connection.Id));
                Assert.Equal((owner.Node.Node, connection.Id), (answer.Connection.Node, answer.Connection.Id));
            }
        }
    }

    [Theory]
    [InlineData("web", "web")]
    [InlineData("web", null)]
    public async Task Changes_of_a_node_are_done_in_the_order_in_which_it_hears_them(string first, string? second)
    {
        for (var i = 0; i < Rounds; i++)
        {
            _ops.Tell(A, new Wire.Suspend(first));
            _ops.Tell(A, new Wire.Resume(second));

            await _ops.HearAsync<StatusAnswer>();
            await _ops.HearAsync<StatusAnswer>();
            Assert.True((await A.Node.StatusAsync()).Accepting);
        }
    }

    [Fact]
    public async Task A_connection_is_closed_from_another_node_and_then_gone()
    {
        var connection = await B.AcceptAsync();

        Assert.Equal("web-2", (await _ops.AskAsync<CloseAccepted>(C, new CloseConnection(connection.Id, Abort: true))).Node);
        await connection.Transport.Aborted.WaitAsync(TestNode.WaitMax);
        connection.Cell.Closed();
        await B.Transitions.ReachAsync(connection.Id, ConnectionState.Closed);

        Assert.Equal(EndReason.Aborted, (await _ops.AskAsync<Gone>(C, new CloseConnection(connection.Id))).EndReason);
        Assert.Null((await _ops.AskAsync<Gone>(C, new Wire.GetConnection("web-2-none"))).EndReason);
        Assert.Null((await _ops.AskAsync<Gone>(A, new Wire.GetConnection("nobody-1"))).EndReason);
    }

    [Fact]
    public async Task A_drain_is_brought_to_the_node_it_names_and_its_words_back()
    {
        await _ops.AskAsync<Subscribed>(A, new SubscribeToDrain("db"));
        var connection = await C.AcceptAsync();
        _ops.Tell(A, new Drain("db"));

        Assert.Equal("db", (await _ops.HearUntilAsync<DrainAccepted>()).Node);
        Assert.Equal("db", (await _ops.HearUntilAsync<DrainProgress>()).Node);
        await connection.Transport.CloseRequested.WaitAsync(TestNode.WaitMax);
        connection.Cell.Closed();
        Assert.Equal("db", (await _ops.HearUntilAsync<DrainCompleted>()).Node);

        Assert.Equal(NodePhase.Drained, (await _ops.AskUntilAsync<StatusAnswer>(B, new Wire.GetStatus("db"))).Status.Phase);
        Assert.Equal(NodePhase.Serving, (await _ops.AskUntilAsync<StatusAnswer>(A, new Wire.GetStatus())).Status.Phase);
        await _ops.AskUntilAsync<Unsubscribed>(A, new UnsubscribeFromDrain("db"));
    }

    [Fact]
    public async Task Who_follows_a_drain_twice_is_told_once()
    {
        await _ops.AskAsync<Subscribed>(A, new SubscribeToDrain("db"));
        var gateway = (ActorRefWithCell)await A.System.ActorSelection("/user/actor-server").ResolveOne(TestNode.WaitMax);
        var first = gateway.Children.Single();
        using var watcher = Inbox.Create(A.System);
        watcher.Watch(first);

        await _ops.AskAsync<Subscribed>(A, new SubscribeToDrain("db"));

        Assert.Equal(first, Assert.IsType<Terminated>(await watcher.ReceiveAsync(TestNode.WaitMax)).ActorRef);
        await _ops.AskAsync<Unsubscribed>(A, new UnsubscribeFromDrain("db"));
    }

    [Fact]
    public async Task A_node_that_nobody_is_called_is_refused_with_the_names_there_are()
    {
        var refused = await _ops.AskAsync<Refused>(B, new Wire.Suspend("web-3"));

        Assert.Equal(RefusalCode.UnknownNode, refused.Code);
        Assert.Contains("known here: db, web, web-2", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_member_without_a_node_is_not_waited_for()
    {
        using var system = ActorSystem.Create(
            RemotingConfig.SystemName, Ops.Silent.WithFallback(RemotingConfig.From(new() { Port = 0, SeedNodes = { $"{A.Address.Host}:{A.Address.Port}" } })));
        await A.SeesAsync(4);

        // Nobody is missing who could be of that name.
        Assert.Equal(RefusalCode.UnknownNode, (await _ops.AskAsync<Refused>(A, new Wire.Suspend("web-3"))).Code);
        Assert.False((await _ops.AskAsync<StatusAnswer>(A, new Wire.Suspend("db"))).Status.Accepting);

        await system.Terminate().WaitAsync(TestNode.WaitMax);
    }

    [Fact]
    public async Task A_node_that_was_killed_comes_back_under_its_address()
    {
        var address = C.Address;
        await ((RemoteActorRefProvider)((ExtendedActorSystem)C.System).Provider).Transport.Shutdown();

        await using var again = TestNode.Start("db", seed: A, configure: o => o.Port = address.Port!.Value);

        await again.SeesAsync(3);
        Assert.Equal(address, again.Address);
        Assert.Equal("db", (await _ops.AskAsync<Here>(again, new Hello())).Node);
    }

    [Fact]
    public async Task A_node_that_is_lost_is_refused_and_whoever_follows_its_drain_is_told()
    {
        await C.AcceptAsync();
        _ops.Tell(A, new Drain("db", Budget: Duration.Infinite, Spread: Duration.Infinite));
        await _ops.HearAsync<DrainAccepted>();

        // As a process that is killed: it says nothing more, and leaves nobody.
        await ((RemoteActorRefProvider)((ExtendedActorSystem)C.System).Provider).Transport.Shutdown();

        var lost = await _ops.HearAsync<Refused>();
        Assert.Equal(RefusalCode.Unreachable, lost.Code);
        // The cluster itself may have given it up by now.
        Assert.Contains(
            (await _ops.AskAsync<Refused>(A, new Wire.GetStatus("db"))).Code, (RefusalCode[])[RefusalCode.Unreachable, RefusalCode.UnknownNode]);
        Assert.Equal(NodePhase.Serving, (await _ops.AskAsync<StatusAnswer>(A, new Wire.GetStatus("web-2"))).Status.Phase);
    }

    [Fact]
    public async Task Through_the_receptionist_a_change_must_name_its_node()
    {
        var client = _ops.System.ActorOf(ClusterClient.Props(
            ClusterClientSettings.Create(_ops.System)
                // Otherwise its envelope is of a type that it names itself.
                .WithUseLegacySerialization(false)
                .WithInitialContacts([ActorPath.Parse($"{A.Address}/system/receptionist")])));

        Send(new Wire.GetStatus());
        Assert.Contains((await _ops.HearAsync<StatusAnswer>()).Node, _nodes.Select(n => n.Node.Node));
        Send(new Wire.Suspend());
        Assert.Equal(RefusalCode.NodeNotNamed, (await _ops.HearAsync<Refused>()).Code);
        Send(new Wire.Suspend("db", By: "ann"));
        Assert.Equal(("db", false), ((await _ops.HearAsync<StatusAnswer>()).Node, (await C.Node.StatusAsync()).Accepting));

        void Send(IWireRequest request) => client.Tell(new ClusterClient.Send("/user/actor-server", request), _ops.Inbox.Receiver);
    }
}
