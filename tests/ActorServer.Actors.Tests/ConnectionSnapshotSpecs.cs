using ActorServer.Core;
using ActorServer.TestKit;

namespace ActorServer.Actors.Tests;

/// <summary>What a connection's reference answers.</summary>
public sealed class ConnectionSnapshotSpecs : IAsyncDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly VirtualNode _node = VirtualNode.Start();

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task A_snapshot_says_who_and_since_when()
    {
        var start = _node.Time.GetUtcNow();
        FakeTransport transport = new()
        {
            Peer = "192.0.2.7:41000",
            Local = "192.0.2.8:443",
            Protocol = "HTTP/2",
            Tls = true,
            BytesSent = 1234,
        };
        var connection = await _node.AcceptAsync(transport);
        await _node.AdvanceAsync(Second);
        connection.Start("/slow");
        await _node.AdvanceAsync(Second);

        var snapshot = await _node.SnapshotAsync(connection);

        Assert.Equal(connection.Id, snapshot.Id);
        Assert.Equal($"{_node.Server.Node}-1", snapshot.Id);
        Assert.Equal(_node.Server.Node, snapshot.Node);
        Assert.Equal(ConnectionState.Active, snapshot.State);
        Assert.False(snapshot.Draining);
        Assert.Equal(("192.0.2.7:41000", "192.0.2.8:443", "HTTP/2"), (snapshot.Peer, snapshot.Local, snapshot.Protocol));
        Assert.True(snapshot.Tls);
        Assert.Equal(start, snapshot.AcceptedAt);
        Assert.Equal(start + Second, snapshot.StateSince);
        Assert.Equal(1234, snapshot.BytesSent);
        Assert.Equal((0L, 1), (snapshot.Requests, snapshot.InFlight));
        Assert.Equal([new CurrentRequest("GET", "/slow", start + Second)], snapshot.CurrentRequests);
        Assert.Equal([new(ConnectionState.New, start), new(ConnectionState.Active, start + Second)], snapshot.Timeline);
        Assert.Null(snapshot.EndReason);
    }

    [Fact]
    public async Task The_current_requests_are_those_in_flight()
    {
        var connection = await _node.AcceptAsync();
        var start = _node.Time.GetUtcNow();
        var first = connection.Start("/first");
        await _node.AdvanceAsync(Second);
        var second = connection.Start("/second");
        connection.Start("/third");
        connection.End(second);
        await _node.SettleAsync();

        var snapshot = await _node.SnapshotAsync(connection);
        Assert.Equal(
            [new("GET", "/first", start), new("GET", "/third", start + Second)], snapshot.CurrentRequests.OrderBy(r => r.Path));
        Assert.Equal((1L, 2), (snapshot.Requests, snapshot.InFlight));

        connection.End(first);
        snapshot = await _node.SnapshotAsync(connection);
        Assert.Equal([new("GET", "/third", start + Second)], snapshot.CurrentRequests);
    }

    [Fact]
    public async Task A_timeline_keeps_the_last_transitions_in_their_order()
    {
        var connection = await _node.AcceptAsync();
        var start = _node.Time.GetUtcNow();
        for (var i = 1; i <= 10; i++)
        {
            await _node.AdvanceAsync(Second);
            connection.End(connection.Start());
            await _node.SettleAsync();
        }

        var timeline = (await _node.SnapshotAsync(connection)).Timeline;

        Assert.InRange(timeline.Count, 6, 8);
        Assert.Equal(new(ConnectionState.Idle, start + (10 * Second)), timeline[^1]);
        Assert.Equal(new(ConnectionState.Active, start + (10 * Second)), timeline[^2]);
        Assert.Equal(new(ConnectionState.Idle, start + (9 * Second)), timeline[^3]);
        Assert.Equal(timeline.OrderBy(e => e.At), timeline);
    }

    [Fact]
    public async Task A_closed_connection_keeps_its_last_facts()
    {
        var connection = await _node.AcceptIdleAsync();
        await _node.AdvanceAsync(Second);
        connection.Transport.BytesSent = 99;
        connection.Start("/cut");
        await _node.SettleAsync();
        connection.Cell.Closed();
        await _node.SettleAsync();
        await _node.AdvanceAsync(Second);

        var end = await _node.SnapshotAsync(connection);

        Assert.Equal(ConnectionState.Closed, end.State);
        Assert.Equal(_node.Time.GetUtcNow() - Second, end.StateSince);
        Assert.Equal((1L, 0, 99L), (end.Requests, end.InFlight, end.BytesSent));
        Assert.Empty(end.CurrentRequests);
        Assert.Equal(
            [ConnectionState.New, ConnectionState.Active, ConnectionState.Idle, ConnectionState.Active, ConnectionState.Closed],
            end.Timeline.Select(e => e.State));
    }

    [Fact]
    public async Task A_snapshot_says_that_the_connection_drains()
    {
        var (connection, _) = await _node.AcceptBusyAsync();
        await _node.Server.BeginDrainAsync();
        await _node.SettleAsync();

        Assert.True((await _node.SnapshotAsync(connection)).Draining);
    }

    // The actor writes while the front end's or anybody's thread reads: a snapshot never shows a transition out of its order.
    [Fact]
    public async Task A_snapshot_that_is_read_while_the_connection_moves_is_in_order()
    {
        var connection = await _node.AcceptAsync();
        var stop = false;
        var reader = Task.Factory.StartNew(
            () =>
            {
                for (var i = 0; !Volatile.Read(ref stop); i++)
                {
                    AssertAlternates(connection.Cell.Snapshot().Timeline);
                }
            },
            TaskCreationOptions.LongRunning);

        for (var i = 0; i < 200; i++)
        {
            for (var j = 0; j < 100; j++)
            {
                connection.End(connection.Start());
            }

            await _node.SettleAsync();
        }

        Volatile.Write(ref stop, true);
        await reader.SoonAsync();
    }

    private static void AssertAlternates(IReadOnlyList<TimelineEntry> timeline)
    {
        for (var i = 1; i < timeline.Count; i++)
        {
            var expected = timeline[i - 1].State == ConnectionState.Active ? ConnectionState.Idle : ConnectionState.Active;
            Assert.Equal(expected, timeline[i].State);
        }
    }
}
