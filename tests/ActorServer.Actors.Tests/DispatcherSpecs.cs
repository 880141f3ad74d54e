using ActorServer.Core;
using ActorServer.TestKit;

namespace ActorServer.Actors.Tests;

/// <summary>The actors do it: whoever holds one connection's actor holds that connection's state and close, and nothing else.</summary>
public sealed class DispatcherSpecs : IAsyncDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly VirtualNode _node = VirtualNode.Start(
        new() { Budget = 20 * Second, LameDuck = Second, Spread = Duration.Zero, AbortWait = 4 * Second },
        config: HeldDispatcher.Config);

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task A_held_connections_state_stands_still_while_all_others_go_on()
    {
        var (held, other) = (await AcceptHeldAsync(), await _node.AcceptAsync());
        using var hold = await HeldDispatcher.HoldAsync(_node);

        foreach (var connection in new[] { held, other })
        {
            connection.End(connection.Start());
            connection.Start("/second");
        }

        var (late, _) = await _node.AcceptBusyAsync();
        await _node.Transitions.ReachAsync(other.Id, ConnectionState.Active, times: 2);
        Assert.Equal([ConnectionState.New], _node.Transitions.States(held.Id));
        Assert.Equal(ConnectionState.New, (await _node.SnapshotAsync(held)).State);
        // What its front end has written is known all the same.
        Assert.Equal(["/second"], (await _node.SnapshotAsync(held)).CurrentRequests.Select(r => r.Path));
        Assert.Equal(3, (await _node.Server.StatusAsync()).Connections.Total);
        Assert.Equal([held.Id, other.Id, late.Id], (await _node.Server.ConnectionsAsync()).Items.Select(c => c.Id));

        hold.Release();
        await _node.AssertWentAsync(
            held, ConnectionState.New, ConnectionState.Active, ConnectionState.Idle, ConnectionState.Active);
        Assert.Equal(new ConnectionCounts(0, Active: 3, 0, 0), (await _node.Server.StatusAsync()).Connections);
    }

    [Fact]
    public async Task A_held_connections_close_stands_still_while_all_others_close()
    {
        var held = await AcceptHeldAsync();
        held.End(held.Start());
        List<VirtualConnection> others = [];
        for (var i = 0; i < 10; i++)
        {
            others.Add(await _node.AcceptIdleAsync());
        }

        await _node.SettleAsync();
        using var hold = await HeldDispatcher.HoldAsync(_node);
        await _node.Server.BeginDrainAsync();
        _node.Advance(Second);
        foreach (var connection in others)
        {
            await connection.Transport.CloseRequested.SoonAsync();
            connection.Cell.Closed();
            await _node.Transitions.ReachAsync(connection.Id, ConnectionState.Closed);
        }

        Assert.False(held.Transport.Announced.IsCompleted);
        Assert.False(held.IsToldToEnd());
        var status = await _node.Server.StatusAsync();
        Assert.Equal(NodePhase.Draining, status.Phase);
        Assert.Contains(held.Id, status.Drain!.Blockers.Select(b => b.Id));

        hold.Release();
        await held.Transport.CloseRequested.SoonAsync();
        await _node.ObeyAsync(held);
        Assert.Equal((11, 11), ((await _node.Server.WhenDrained.SoonAsync()).Initial, (await _node.Server.WhenDrained.SoonAsync()).Closed));
    }

    [Fact]
    [Trait("Conformance", "60")]
    public async Task A_held_connection_does_not_hold_the_deadline()
    {
        var held = await AcceptHeldAsync();
        held.End(held.Start());
        var (busy, _) = await _node.AcceptBusyAsync();
        await _node.SettleAsync();
        using var hold = await HeldDispatcher.HoldAsync(_node);
        await _node.Server.BeginDrainAsync();
        _node.Advance(16 * Second);
        await busy.Transport.Aborted.SoonAsync();
        busy.Cell.Closed();
        await _node.Transitions.ReachAsync(busy.Id, ConnectionState.Closed);
        // Answered by the supervisor, after it has heard of that end.
        await _node.Server.StatusAsync();
        _node.Advance(4 * Second);

        var report = await _node.Server.WhenDrained.SoonAsync();

        Assert.False(held.IsToldToEnd());
        Assert.Equal((2, 1, 1), (report.Initial, report.Aborted, report.Stragglers));
        Assert.Contains(held.Id, report.Blockers.Select(b => b.Id));
        hold.Release();
        await held.Transport.Aborted.SoonAsync();
    }

    [Fact]
    public async Task A_transport_that_blocks_holds_its_own_connection_only()
    {
        using BlockingTransport transport = new();
        var cell = _node.Accept(HeldDispatcher.ConnectionId, transport);
        var other = await _node.AcceptIdleAsync();
        await _node.SettleAsync();

        await _node.Server.BeginDrainAsync();
        await transport.Entered.SoonAsync();
        _node.Advance(Second);

        await other.Transport.CloseRequested.SoonAsync();
        Assert.Equal(2, (await _node.Server.StatusAsync()).Drain!.Remaining);
        cell.Closed();
        Assert.Equal(ConnectionState.New, cell.State);
        transport.Release();
        await _node.ObeyAsync(other);
        Assert.Equal(2, (await _node.Server.WhenDrained.SoonAsync()).Closed);
    }

    // The order is heard before the news of the request, which is older.
    [Fact]
    public async Task A_request_that_is_there_before_the_close_is_heard_is_served()
    {
        var connection = await AcceptHeldAsync();
        connection.End(connection.Start());
        await _node.SettleAsync();
        using var hold = await HeldDispatcher.HoldAsync(_node);
        Assert.Equal(CommandResult.Accepted, await _node.Server.Connection(connection.Id).CloseAsync());
        var request = connection.Start();

        hold.Release();
        await _node.SettleAsync();

        Assert.False(connection.IsToldToEnd());
        Assert.True(connection.Transport.Announced.IsCompleted);
        connection.End(request);
        await connection.Transport.CloseRequested.SoonAsync();
    }

    [Fact]
    public async Task A_connection_that_has_ended_before_its_abort_is_heard_was_not_aborted()
    {
        var connection = await AcceptHeldAsync();
        var request = connection.Start();
        await _node.SettleAsync();
        using var hold = await HeldDispatcher.HoldAsync(_node);
        Assert.Equal(CommandResult.Accepted, await _node.Server.Connection(connection.Id).AbortAsync());
        connection.End(request, keepAlive: false);
        connection.Cell.Closed();

        hold.Release();
        await _node.Transitions.ReachAsync(connection.Id, ConnectionState.Closed);
        await _node.SettleAsync();

        Assert.Equal(EndReason.Completed, (await _node.SnapshotAsync(connection)).EndReason);
        Assert.False(connection.Transport.Aborted.IsCompleted);
        Assert.Equal(0, (await _node.Server.StatusAsync()).Totals.Aborted);
    }

    private async Task<VirtualConnection> AcceptHeldAsync()
    {
        FakeTransport transport = new();
        VirtualConnection connection = new(_node.Accept(HeldDispatcher.ConnectionId, transport), transport);
        await _node.Transitions.ReachAsync(connection.Id, ConnectionState.New);
        return connection;
    }
}
