using ActorServer.Core;
using ActorServer.TestKit;

namespace ActorServer.Actors.Tests;

/// <summary>What a connection's actor makes of what its front end writes.</summary>
public sealed class ConnectionActorSpecs : IAsyncDisposable
{
    private readonly VirtualNode _node = VirtualNode.Start();

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    [Trait("Conformance", "1")]
    public async Task A_kept_alive_connection_goes_through_each_state_in_order()
    {
        var connection = await _node.AcceptAsync();
        connection.End(connection.Start());
        connection.End(connection.Start(), keepAlive: false);
        connection.Cell.Closed();

        await _node.AssertWentAsync(
            connection, ConnectionState.New, ConnectionState.Active, ConnectionState.Idle, ConnectionState.Active, ConnectionState.Closed);
    }

    [Fact]
    [Trait("Conformance", "2")]
    public async Task A_last_response_that_announces_the_close_completes_the_connection()
    {
        var connection = await _node.AcceptIdleAsync();
        connection.End(connection.Start(), keepAlive: false);
        connection.Cell.Closed();
        await _node.SettleAsync();

        Assert.Equal(EndReason.Completed, (await _node.SnapshotAsync(connection)).EndReason);
    }

    [Fact]
    [Trait("Conformance", "5")]
    public async Task A_connection_that_never_sends_goes_from_new_to_closed()
    {
        var connection = await _node.AcceptAsync(new() { PeerClosed = true });
        connection.Cell.Closed();

        await _node.AssertWentAsync(connection, ConnectionState.New, ConnectionState.Closed);
        Assert.Equal(EndReason.ClientClosed, (await _node.SnapshotAsync(connection)).EndReason);
    }

    [Fact]
    [Trait("Conformance", "6")]
    public async Task A_refused_request_makes_the_connection_active_and_is_its_end()
    {
        var connection = await _node.AcceptAsync();
        connection.Cell.Refused();
        connection.Cell.Closed();

        await _node.AssertWentAsync(connection, ConnectionState.New, ConnectionState.Active, ConnectionState.Closed);
        var end = await _node.SnapshotAsync(connection);
        Assert.Equal(EndReason.Refused, end.EndReason);
        Assert.Equal(0, end.Requests);
    }

    [Fact]
    [Trait("Conformance", "7")]
    public async Task An_idle_connection_that_its_peer_closes_is_closed()
    {
        var connection = await _node.AcceptIdleAsync();
        connection.Transport.PeerClosed = true;
        connection.Cell.Closed();

        await _node.AssertWentAsync(connection, ConnectionState.New, ConnectionState.Active, ConnectionState.Idle, ConnectionState.Closed);
    }

    [Fact]
    [Trait("Conformance", "3")]
    [Trait("Conformance", "44")]
    public async Task An_upgraded_connection_stays_tracked_until_its_socket_ends()
    {
        var connection = await _node.AcceptUpgradedAsync();

        Assert.Equal(new ConnectionCounts(0, 0, 0, Upgraded: 1), (await _node.Server.StatusAsync()).Connections);
        connection.Cell.Closed();
        await _node.AssertWentAsync(connection, ConnectionState.New, ConnectionState.Active, ConnectionState.Upgraded, ConnectionState.Closed);
        Assert.Equal(EndReason.UpgradeEnded, (await _node.SnapshotAsync(connection)).EndReason);
        Assert.Equal(0, (await _node.Server.StatusAsync()).Connections.Total);
    }

    [Fact]
    [Trait("Conformance", "4")]
    public async Task An_upgraded_connection_whose_application_throws_is_still_upgraded_and_then_closed()
    {
        var (connection, request) = await _node.AcceptBusyAsync("/ws");
        connection.Cell.Upgraded();
        connection.End(request, keepAlive: false);
        connection.Cell.Closed();

        await _node.AssertWentAsync(connection, ConnectionState.New, ConnectionState.Active, ConnectionState.Upgraded, ConnectionState.Closed);
    }

    [Fact]
    [Trait("Conformance", "9")]
    public async Task Streams_that_overlap_make_the_connection_active_once_and_idle_once()
    {
        var connection = await _node.AcceptAsync(new() { Protocol = "HTTP/2" });
        object[] streams = [connection.Start(), connection.Start(), connection.Start()];
        foreach (var stream in streams)
        {
            await _node.SettleAsync();
            connection.End(stream);
        }

        await _node.AssertWentAsync(connection, ConnectionState.New, ConnectionState.Active, ConnectionState.Idle);
        Assert.Equal(3, (await _node.SnapshotAsync(connection)).Requests);
    }

    [Fact]
    [Trait("Conformance", "11")]
    public async Task An_idle_connection_cannot_be_upgraded()
    {
        var connection = await _node.AcceptIdleAsync();
        connection.Cell.Upgraded();

        await _node.AssertWentAsync(connection, ConnectionState.New, ConnectionState.Active, ConnectionState.Idle);
    }

    [Fact]
    [Trait("Conformance", "11")]
    public async Task A_closed_connection_cannot_become_active_again()
    {
        var connection = await _node.AcceptAsync();
        connection.Cell.Closed();
        await _node.SettleAsync();
        connection.End(connection.Start());
        connection.Cell.Refused();
        connection.Cell.Upgraded();

        await _node.AssertWentAsync(connection, ConnectionState.New, ConnectionState.Closed);
        Assert.Equal((0, 1), await CountAsync());
    }

    [Fact]
    [Trait("Conformance", "11")]
    public async Task An_upgraded_connection_does_not_come_back_to_HTTP()
    {
        var (connection, upgrade) = await _node.AcceptBusyAsync();
        connection.Cell.Upgraded();
        connection.End(upgrade);
        connection.End(connection.Start());

        await _node.AssertWentAsync(connection, ConnectionState.New, ConnectionState.Active, ConnectionState.Upgraded);
    }

    [Fact]
    [Trait("Conformance", "112")]
    public async Task What_is_reported_twice_counts_once()
    {
        var connection = await _node.AcceptAsync();
        var other = connection.Start("/other");
        var request = connection.Start();
        connection.End(request);
        connection.End(request);
        connection.End(new object());
        await _node.SettleAsync();

        var snapshot = await _node.SnapshotAsync(connection);
        Assert.Equal((ConnectionState.Active, 1, 1L), (snapshot.State, snapshot.InFlight, snapshot.Requests));
        connection.End(other);
        connection.Cell.Closed();
        connection.Cell.Closed();
        await _node.AssertWentAsync(connection, ConnectionState.New, ConnectionState.Active, ConnectionState.Idle, ConnectionState.Closed);
        Assert.Equal((0, 1), await CountAsync());
    }

    [Theory]
    [InlineData(EndReason.ServerClosed)]
    [InlineData(EndReason.Failed)]
    [InlineData(EndReason.Rejected)]
    [InlineData(EndReason.Completed)]
    [InlineData(EndReason.ClientClosed)]
    public async Task An_end_has_the_reason_that_its_front_end_saw(EndReason reason)
    {
        var (connection, request) = await _node.AcceptBusyAsync();
        connection.Transport.PeerClosed = reason == EndReason.ClientClosed;
        connection.End(request, keepAlive: reason != EndReason.Completed);
        if (reason == EndReason.Failed)
        {
            connection.Cell.Aborted();
        }
        else if (reason == EndReason.Rejected)
        {
            connection.Cell.Rejected();
        }

        connection.Cell.Closed();
        await _node.SettleAsync();

        Assert.Equal(reason, (await _node.SnapshotAsync(connection)).EndReason);
    }

    private async Task<(int Live, long Closed)> CountAsync()
    {
        var status = await _node.Server.StatusAsync();
        return (status.Connections.Total, status.Totals.Closed);
    }
}
