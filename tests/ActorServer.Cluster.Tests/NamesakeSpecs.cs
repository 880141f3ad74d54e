using ActorServer.Cluster.Tests.Support;
using ActorServer.Core;
using ActorServer.Core.Wire;
using Wire = ActorServer.Core.Wire;

namespace ActorServer.Cluster.Tests;

/// <summary>Two members of one name: nothing is done to one of them by chance.</summary>
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

    [Fact]
    public async Task At_its_own_address_each_is_commanded_by_its_name()
    {
        await _ops.AskAsync<StatusAnswer>(_nodes[2], new Wire.Suspend("web"));

        Assert.Equal([true, true, false], (await Task.WhenAll(_nodes.Select(n => n.Node.StatusAsync()))).Select(s => s.Accepting));
    }

    [Fact]
    public async Task A_connection_of_either_is_asked_for_at_its_own_address()
    {
        var connection = await _nodes[2].AcceptAsync();

        Assert.Equal(RefusalCode.NodeNotNamed, (await _ops.AskAsync<Refused>(_nodes[0], new Wire.GetConnection(connection.Id))).Code);
        Assert.Equal(connection.Id, (await _ops.AskAsync<ConnectionAnswer>(_nodes[2], new Wire.GetConnection(connection.Id))).Connection.Id);
    }
}
