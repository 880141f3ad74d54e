using ActorServer.Core;
using ActorServer.TestKit;

namespace ActorServer.Actors.Tests;

/// <summary>Which connections a node lists, and in what order.</summary>
public sealed class ListingSpecs : IAsyncDisposable
{
    // How many ends are remembered.
    private const int Memory = 1024;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly VirtualNode _node = VirtualNode.Start();

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    [Trait("Conformance", "100")]
    public async Task Exactly_the_live_connections_are_listed()
    {
        var (first, second) = (await _node.AcceptAsync(), await _node.AcceptAsync());
        Assert.Equal([first.Id, second.Id], await ListAsync(new()));

        first.Cell.Closed();
        await _node.SettleAsync();
        Assert.Equal([second.Id], await ListAsync(new()));

        second.Cell.Closed();
        await _node.SettleAsync();
        Assert.Empty(await ListAsync(new()));
    }

    [Fact]
    public async Task A_listing_can_be_of_one_state()
    {
        var silent = await _node.AcceptAsync();
        var idle = await _node.AcceptIdleAsync();
        var (busy, _) = await _node.AcceptBusyAsync();
        var upgraded = await _node.AcceptUpgradedAsync();
        var gone = await _node.AcceptIdleAsync();
        gone.Cell.Closed();
        await _node.SettleAsync();

        Assert.Equal([silent.Id], await ListAsync(new(State: ConnectionState.New)));
        Assert.Equal([busy.Id], await ListAsync(new(State: ConnectionState.Active)));
        Assert.Equal([idle.Id], await ListAsync(new(State: ConnectionState.Idle)));
        Assert.Equal([upgraded.Id], await ListAsync(new(State: ConnectionState.Upgraded)));
        Assert.Equal([gone.Id], await ListAsync(new(State: ConnectionState.Closed)));
    }

    [Fact]
    public async Task A_listing_can_be_of_one_peer_with_its_port_or_without()
    {
        var first = await _node.AcceptAsync(new() { Peer = "192.0.2.1:1111" });
        var second = await _node.AcceptAsync(new() { Peer = "192.0.2.1:2222" });
        var third = await _node.AcceptAsync(new() { Peer = "[2001:db8::1]:1111" });
        await _node.AcceptAsync(new() { Peer = null });

        Assert.Equal([first.Id, second.Id], await ListAsync(new(Peer: "192.0.2.1")));
        Assert.Equal([second.Id], await ListAsync(new(Peer: "192.0.2.1:2222")));
        Assert.Equal([third.Id], await ListAsync(new(Peer: "2001:db8::1")));
        Assert.Equal([third.Id], await ListAsync(new(Peer: "[2001:db8::1]")));
        Assert.Empty(await ListAsync(new(Peer: "192.0.2.10")));
    }

    [Fact]
    public async Task A_listing_can_be_of_old_connections()
    {
        var old = await _node.AcceptAsync();
        await _node.AdvanceAsync(Minute);
        var young = await _node.AcceptAsync();
        await _node.AdvanceAsync(Minute);

        Assert.Equal([old.Id], await ListAsync(new(OlderThan: 2 * Minute)));
        Assert.Equal([old.Id, young.Id], await ListAsync(new(OlderThan: Minute)));
        Assert.Empty(await ListAsync(new(OlderThan: 3 * Minute)));
    }

    [Fact]
    public async Task Filters_hold_together()
    {
        var match = await _node.AcceptIdleAsync(new() { Peer = "192.0.2.9:1" });
        await _node.AcceptAsync(new() { Peer = "192.0.2.9:2" });
        await _node.AcceptIdleAsync(new() { Peer = "192.0.2.8:1" });
        await _node.AdvanceAsync(Minute);
        await _node.AcceptIdleAsync(new() { Peer = "192.0.2.9:3" });

        Assert.Equal([match.Id], await ListAsync(new(ConnectionState.Idle, "192.0.2.9", Minute)));
    }

    [Fact]
    public async Task Pages_follow_one_another_while_connections_come_and_go()
    {
        var all = Enumerable.Range(0, 250).Select(_ => _node.Accept()).ToList();
        await _node.SettleAsync();

        var first = await _node.Server.ConnectionsAsync(new(Limit: 100));
        Assert.Equal(all.Take(100).Select(c => c.Id), first.Items.Select(c => c.Id));
        // Most of the first page goes, and with it the table is compacted; some of the second goes; one comes.
        foreach (var connection in all.Take(99).Concat(all.Skip(100).Take(40)))
        {
            connection.Cell.Closed();
        }

        var late = _node.Accept();
        await _node.SettleAsync();

        var second = await _node.Server.ConnectionsAsync(new(Limit: 100, Cursor: first.Next));
        Assert.Equal(all.Skip(140).Take(100).Select(c => c.Id), second.Items.Select(c => c.Id));
        var last = await _node.Server.ConnectionsAsync(new(Limit: 100, Cursor: second.Next));
        Assert.Equal(all.Skip(240).Append(late).Select(c => c.Id), last.Items.Select(c => c.Id));
        Assert.Null(last.Next);
    }

    [Fact]
    public async Task Ended_connections_are_listed_by_pages_too()
    {
        var all = Enumerable.Range(0, Memory + 10).Select(_ => _node.Accept()).ToList();
        await _node.SettleAsync();
        foreach (var connection in all)
        {
            connection.Cell.Closed();
            await _node.SettleAsync();
        }

        var first = await _node.Server.ConnectionsAsync(new(ConnectionState.Closed, Limit: 1000));
        var last = await _node.Server.ConnectionsAsync(new(ConnectionState.Closed, Limit: 1000, Cursor: first.Next));

        Assert.Equal(all.Skip(10).Select(c => c.Id), first.Items.Concat(last.Items).Select(c => c.Id));
        Assert.Null(last.Next);
    }

    [Fact]
    public async Task A_page_that_is_just_full_is_the_last_one()
    {
        for (var i = 0; i < 10; i++)
        {
            await _node.AcceptAsync();
        }

        Assert.Null((await _node.Server.ConnectionsAsync(new(Limit: 10))).Next);
        Assert.NotNull((await _node.Server.ConnectionsAsync(new(Limit: 9))).Next);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(ConnectionQuery.LimitMax + 1)]
    public async Task A_page_of_no_size_is_refused(int limit)
        => await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _node.Server.ConnectionsAsync(new(Limit: limit)));

    [Fact]
    public async Task Ends_are_remembered_and_the_oldest_forgotten()
    {
        const int forgotten = 76;
        var all = Enumerable.Range(0, Memory + forgotten).Select(_ => _node.Accept()).ToList();
        await _node.SettleAsync();
        await EndAsync(all.Take(forgotten));
        await EndAsync(all.Skip(forgotten).Take(Memory - 1));
        await EndAsync([all[^1]]);

        Assert.All(
            await CloseAllAsync(all.Take(forgotten)), static result => Assert.Equal(CommandResult.Unknown, result));
        Assert.All(
            await CloseAllAsync(all.Skip(forgotten)), static result => Assert.Equal(CommandResult.Gone, result));
        var page = await _node.Server.ConnectionsAsync(new(ConnectionState.Closed, Limit: 1000));
        Assert.Equal(all[^1].Id, (await ListAsync(new(ConnectionState.Closed, Limit: 1000, Cursor: page.Next)))[^1]);
        Assert.Equal(all.Count, (await _node.Server.StatusAsync()).Totals.Closed);
    }

    private async Task EndAsync(IEnumerable<VirtualConnection> connections)
    {
        foreach (var connection in connections)
        {
            connection.Cell.Closed();
        }

        await _node.SettleAsync();
    }

    private async Task<IReadOnlyList<string>> ListAsync(ConnectionQuery query)
        => [.. (await _node.Server.ConnectionsAsync(query)).Items.Select(c => c.Id)];

    private async Task<CommandResult[]> CloseAllAsync(IEnumerable<VirtualConnection> connections)
        => await Task.WhenAll(connections.Select(c => _node.Server.Connection(c.Id).CloseAsync()));
}
