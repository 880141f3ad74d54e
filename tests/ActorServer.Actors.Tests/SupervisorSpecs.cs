using ActorServer.Core;
using ActorServer.TestKit;
using Akka.Actor;
using Akka.Event;

namespace ActorServer.Actors.Tests;

/// <summary>The whole picture: counts, totals, and what the supervisor does not understand.</summary>
public sealed class SupervisorSpecs : IAsyncDisposable
{
    private readonly VirtualNode _node = VirtualNode.Start();

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task A_node_that_has_started_is_ready_and_has_counted_nothing()
    {
        var status = await _node.Server.StatusAsync();

        Assert.Equal(_node.Server.Node, status.Node);
        Assert.Equal(NodePhase.Serving, status.Phase);
        Assert.True(status.Accepting);
        Assert.True(status.Ready);
        Assert.Equal(_node.Time.GetUtcNow(), status.StartedAt);
        Assert.Equal(default, status.Connections);
        Assert.Equal(new(), status.Totals);
        Assert.Null(status.Drain);
    }

    [Fact]
    [Trait("Conformance", "12")]
    public async Task Connections_are_counted_by_state()
    {
        await _node.AcceptAsync();
        await _node.AcceptAsync();
        await _node.AcceptBusyAsync();
        await _node.AcceptBusyAsync();
        await _node.AcceptBusyAsync();
        await _node.AcceptIdleAsync();
        await _node.AcceptUpgradedAsync();
        await _node.SettleAsync();

        Assert.Equal(new ConnectionCounts(New: 2, Active: 3, Idle: 1, Upgraded: 1), (await _node.Server.StatusAsync()).Connections);
    }

    [Fact]
    [Trait("Conformance", "12")]
    public async Task The_counts_follow_each_transition()
    {
        var connection = await _node.AcceptAsync();
        await AssertCountsAsync(new(1, 0, 0, 0));
        var request = connection.Start();
        await AssertCountsAsync(new(0, 1, 0, 0));
        connection.End(request);
        await AssertCountsAsync(new(0, 0, 1, 0));
        connection.Start();
        connection.Cell.Upgraded();
        await AssertCountsAsync(new(0, 0, 0, 1));
        connection.Cell.Closed();
        await AssertCountsAsync(default);
    }

    [Fact]
    [Trait("Conformance", "8")]
    public async Task A_connection_is_new_before_anything_is_read_from_it()
    {
        var connection = _node.Accept();

        Assert.Equal(ConnectionState.New, connection.Cell.State);
        connection.End(connection.Start());
        await _node.AssertWentAsync(connection, ConnectionState.New, ConnectionState.Active, ConnectionState.Idle);
    }

    [Fact]
    [Trait("Conformance", "103")]
    public async Task The_totals_add_up()
    {
        var (completed, request) = await _node.AcceptBusyAsync();
        completed.End(request, keepAlive: false);
        completed.Cell.Closed();
        var aborted = await _node.AcceptIdleAsync();
        await _node.Server.Connection(aborted.Id).AbortAsync();
        await aborted.Transport.Aborted.SoonAsync();
        aborted.Cell.Closed();
        var rejected = await _node.AcceptAsync();
        rejected.Cell.Rejected();
        rejected.Cell.Closed();
        var (failed, _) = await _node.AcceptBusyAsync();
        failed.Cell.Aborted();
        failed.Cell.Closed();
        var live = await _node.AcceptIdleAsync();
        live.End(live.Start());
        await _node.SettleAsync();

        var status = await _node.Server.StatusAsync();

        Assert.Equal(new(Accepted: 5, Closed: 4, Rejected: 1, Aborted: 2, Requests: 4), status.Totals);
        Assert.Equal(status.Totals.Accepted - status.Totals.Closed, status.Connections.Total);
    }

    [Fact]
    [Trait("Conformance", "103")]
    public async Task A_thousand_connections_are_counted_exactly()
    {
        const int count = 1000;
        var all = Enumerable.Range(0, count).Select(_ => _node.Accept()).ToList();
        Parallel.ForEach(all, static connection =>
        {
            connection.End(connection.Start());
            connection.End(connection.Start());
        });
        await _node.SettleAsync();
        Assert.Equal(new ConnectionCounts(0, 0, Idle: count, 0), (await _node.Server.StatusAsync()).Connections);

        Parallel.ForEach(all.Take(count / 2), static connection => connection.Cell.Closed());
        await _node.SettleAsync();

        var status = await _node.Server.StatusAsync();
        Assert.Equal(new ConnectionCounts(0, 0, Idle: count / 2, 0), status.Connections);
        Assert.Equal(new(Accepted: count, Closed: count / 2, Requests: 2 * count), status.Totals);
    }

    [Fact]
    [Trait("Conformance", "112")]
    public async Task A_connection_that_is_accepted_twice_is_one_connection()
    {
        var transport = new FakeTransport();
        var first = _node.Accept("same", transport);
        var second = _node.Accept("same", new FakeTransport());
        await _node.SettleAsync();

        Assert.Equal(first.Id, second.Id);
        Assert.Equal(1, (await _node.Server.StatusAsync()).Connections.Total);
        first.Closed();
        await _node.SettleAsync();
        var status = await _node.Server.StatusAsync();
        Assert.Equal((0, 1), (status.Connections.Total, status.Totals.Closed));
    }

    [Fact]
    [Trait("Conformance", "108")]
    public async Task A_message_that_nobody_understands_is_said_and_ignored()
    {
        var (busy, request) = await _node.AcceptBusyAsync();
        using var inbox = Inbox.Create(_node.System);
        _node.System.EventStream.Subscribe(inbox.Receiver, typeof(UnhandledMessage));

        foreach (var path in new[] { $"/user/{ActorServerNode.ActorName}", $"/user/{ActorServerNode.ActorName}/*" })
        {
            foreach (var junk in new object[] { "junk", 42, new Status.Failure(new InvalidOperationException("junk")), new object() })
            {
                _node.System.ActorSelection(path).Tell(junk, inbox.Receiver);
                var said = Assert.IsType<UnhandledMessage>(await inbox.ReceiveAsync(VirtualNodeExtensions.WaitMax));
                Assert.Equal(junk, said.Message);
            }
        }

        busy.End(request);
        await _node.AssertWentAsync(busy, ConnectionState.New, ConnectionState.Active, ConnectionState.Idle);
        Assert.Equal(new ConnectionCounts(0, 0, Idle: 1, 0), (await _node.Server.StatusAsync()).Connections);
    }

    [Fact]
    public async Task A_connection_that_comes_when_the_actors_have_gone_is_served_without_them()
    {
        var before = await _node.AcceptIdleAsync();
        await _node.System.Terminate();

        var after = _node.Accept();
        after.End(after.Start());
        before.End(before.Start());
        after.Cell.Closed();

        Assert.False(after.IsToldToEnd());
        Assert.False(before.IsToldToEnd());
    }

    private async Task AssertCountsAsync(ConnectionCounts expected)
    {
        await _node.SettleAsync();
        Assert.Equal(expected, (await _node.Server.StatusAsync()).Connections);
    }
}
