using ActorServer.Cluster.Tests.Support;
using ActorServer.Core;
using ActorServer.Core.Wire;
using Akka.Actor;
using Akka.Cluster.Tools.Client;
using Akka.Cluster.Tools.PublishSubscribe;
using Wire = ActorServer.Core.Wire;

namespace ActorServer.Cluster.Tests;

/// <summary>Two members of one name: nothing is done to one of them by chance, whichever hears of it.</summary>
public sealed class NamesakeSpecs : IAsyncLifetime
{
    private readonly Ops _ops = Ops.Start();
    private TestNode[] _nodes = [];

    public async Task InitializeAsync() => _nodes = await TestNode.StartAsync("db", "web", "web");

    public async Task DisposeAsync()
    {
        await _ops.DisposeAsync();
        await Task.WhenAll(_nodes.Select(n => n.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task A_change_from_elsewhere_is_refused_with_the_addresses_of_both()
    {
        foreach (var change in (IWireRequest[])[new Drain("web"), new Wire.Suspend("web"), new Leave("web")])
        {
            var refused = await _ops.AskAsync<Refused>(_nodes[0], change);

            Assert.Equal(RefusalCode.NodeNotNamed, refused.Code);
            Assert.All(_nodes[1..], n => Assert.Contains(n.Address.ToString(), refused.Message, StringComparison.Ordinal));
        }

        foreach (var node in _nodes)
        {
            var status = await node.Node.StatusAsync();
            Assert.Equal((NodePhase.Serving, true), (status.Phase, status.Accepting));
        }
    }

    [Theory]
    [InlineData("/user/actor-server", "bare")]
    [InlineData("/system/distributedPubSubMediator", "one")]
    [InlineData("/system/distributedPubSubMediator", "all")]
    [InlineData("/system/receptionist", "client")]
    public async Task So_is_one_that_either_hears_by_its_name_however_it_came(string path, string post)
    {
        foreach (var node in _nodes[1..])
        {
            foreach (var change in (IWireRequest[])[new Drain("web"), new Wire.Suspend("web"), new Leave("web"), new Wire.Resume("web")])
            {
                Send(node, path, post, change);
                var refused = await _ops.HearAsync<Refused>();
                Assert.Equal(RefusalCode.NodeNotNamed, refused.Code);
                Assert.All(_nodes[1..], n => Assert.Contains(n.Address.ToString(), refused.Message, StringComparison.Ordinal));
            }
        }

        Assert.All(
            await Task.WhenAll(_nodes.Select(n => n.Node.StatusAsync())), s => Assert.Equal((NodePhase.Serving, true), (s.Phase, s.Accepting)));
    }

    [Fact]
    public async Task What_is_asked_of_their_name_is_refused_too()
    {
        foreach (var request in (IWireRequest[])[new Wire.GetStatus("web"), new SubscribeToDrain("web"), new Wire.ListConnections("web")])
        {
            Assert.Equal(RefusalCode.NodeNotNamed, (await _ops.AskAsync<Refused>(_nodes[0], request)).Code);
        }

        Assert.Equal("web", (await _ops.AskAsync<StatusAnswer>(_nodes[2], new Wire.GetStatus("web"))).Node);
    }

    [Fact]
    public async Task At_its_own_address_each_is_commanded_without_its_name()
    {
        await _ops.AskAsync<StatusAnswer>(_nodes[2], new Wire.Suspend());

        Assert.Equal([true, true, false], (await Task.WhenAll(_nodes.Select(n => n.Node.StatusAsync()))).Select(s => s.Accepting));
    }

    [Fact]
    public async Task A_connection_of_either_is_asked_for_at_its_own_address()
    {
        var connection = await _nodes[2].AcceptAsync();

        Assert.Equal(RefusalCode.NodeNotNamed, (await _ops.AskAsync<Refused>(_nodes[0], new Wire.GetConnection(connection.Id))).Code);
        Assert.Equal(connection.Id, (await _ops.AskAsync<ConnectionAnswer>(_nodes[2], new Wire.GetConnection(connection.Id))).Connection.Id);
    }

    [Fact]
    public async Task A_connection_is_closed_where_it_is()
    {
        var connection = await _nodes[2].AcceptAsync();

        Assert.Equal(RefusalCode.NodeNotNamed, (await _ops.AskAsync<Refused>(_nodes[0], new CloseConnection(connection.Id))).Code);
        Assert.Equal(connection.Id, (await _ops.AskAsync<CloseAccepted>(_nodes[1], new CloseConnection(connection.Id))).Id);
        await connection.Transport.CloseRequested.WaitAsync(TestNode.WaitMax);
    }

    private void Send(TestNode to, string path, string post, IWireRequest request)
    {
        if (post == "client")
        {
            var client = _ops.System.ActorOf(ClusterClient.Props(
                ClusterClientSettings.Create(_ops.System)
                    .WithUseLegacySerialization(false)
                    .WithInitialContacts([ActorPath.Parse($"{to.Address}{path}")])));
            client.Tell(new ClusterClient.Send("/user/actor-server", request), _ops.Inbox.Receiver);
            return;
        }

        _ops.System.ActorSelection($"{to.Address}{path}").Tell(
            post switch
            {
                "one" => new Akka.Cluster.Tools.PublishSubscribe.Send("/user/actor-server", request, localAffinity: true),
                "all" => new SendToAll("/user/actor-server", request, excludeSelf: false),
                _ => request,
            },
            _ops.Inbox.Receiver);
    }
}
