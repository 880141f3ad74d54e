using ActorServer.Core;
using ActorServer.TestKit;

namespace ActorServer.Actors.Tests;

/// <summary>How a connection's actor closes it when the node drains.</summary>
public sealed class ConnectionCloseSpecs : IAsyncDisposable
{
    private static readonly TimeSpan IdleGrace = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan SilentGrace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    // No lame duck and no spread: the graces are all that holds a close up.
    private readonly VirtualNode _node = VirtualNode.Start(new()
    {
        LameDuck = Duration.Zero,
        Spread = Duration.Zero,
        IdleGrace = IdleGrace,
        SilentGrace = SilentGrace,
    });

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    [Trait("Conformance", "111")]
    public async Task Mail_among_actors_makes_no_idle_connection_younger()
    {
        var idle = await _node.AcceptIdleAsync();
        var since = (await _node.Server.Connection(idle.Id).GetAsync())!.StateSince;
        await _node.AdvanceAsync(IdleGrace - Tick);

        // Questions, news without news, and a drain: all of it is mail to its actor or about it.
        await _node.Server.ConnectionsAsync();
        idle.Cell.Announced();
        await _node.Server.BeginDrainAsync();
        await _node.ObeyAsync(idle);

        Assert.Equal(since, (await _node.Server.Connection(idle.Id).GetAsync())!.StateSince);
        Assert.False(idle.Transport.CloseRequested.IsCompleted);
        await _node.AdvanceAsync(Tick);
        await idle.Transport.CloseRequested.SoonAsync();
    }

    [Fact]
    public async Task A_drain_is_announced_to_every_connection()
    {
        var silent = await _node.AcceptAsync();
        var idle = await _node.AcceptIdleAsync();
        var (busy, _) = await _node.AcceptBusyAsync();
        var upgraded = await _node.AcceptUpgradedAsync();

        await _node.Server.BeginDrainAsync();

        foreach (var connection in new[] { silent, idle, busy, upgraded })
        {
            await connection.Transport.Announced.SoonAsync();
        }

        Assert.All(
            (await _node.Server.ConnectionsAsync()).Items, static c => Assert.True(c.Draining, $"{c.State} does not drain"));
    }

    [Fact]
    [Trait("Conformance", "17")]
    [Trait("Conformance", "90")]
    public async Task An_idle_connection_is_closed_when_it_has_been_idle_for_the_grace()
    {
        var idle = await _node.AcceptIdleAsync();
        await DrainAsync();

        await _node.AdvanceAsync(IdleGrace - Tick);
        Assert.False(idle.Transport.CloseRequested.IsCompleted);
        await _node.AdvanceAsync(Tick);
        Assert.True(idle.Transport.CloseRequested.IsCompleted);
    }

    [Fact]
    [Trait("Conformance", "17")]
    public async Task A_connection_that_has_been_idle_for_long_is_closed_at_once()
    {
        var idle = await _node.AcceptIdleAsync();
        await _node.AdvanceAsync(IdleGrace);

        await DrainAsync();

        Assert.True(idle.Transport.CloseRequested.IsCompleted);
    }

    [Fact]
    [Trait("Conformance", "35")]
    public async Task A_silent_connection_is_closed_when_it_has_been_silent_for_the_grace()
    {
        var silent = await _node.AcceptAsync();
        await DrainAsync();

        await _node.AdvanceAsync(SilentGrace - Tick);
        Assert.False(silent.Transport.CloseRequested.IsCompleted);
        await _node.AdvanceAsync(Tick);
        Assert.True(silent.Transport.CloseRequested.IsCompleted);
        await _node.ObeyAsync(silent);
        Assert.Equal(EndReason.Closed, (await _node.SnapshotAsync(silent)).EndReason);
    }

    [Fact]
    public async Task A_close_that_finds_unread_bytes_is_tried_again_until_they_are_read()
    {
        var idle = await _node.AcceptIdleAsync(new() { HasUnreadBytes = true });
        await _node.AdvanceAsync(IdleGrace);
        await DrainAsync();
        Assert.Equal(1, idle.Transport.RefusedCloses);

        await _node.AdvanceAsync(IdleGrace);
        Assert.Equal(2, idle.Transport.RefusedCloses);
        Assert.False(idle.Transport.CloseRequested.IsCompleted);

        idle.Transport.HasUnreadBytes = false;
        await _node.AdvanceAsync(IdleGrace);
        Assert.True(idle.Transport.CloseRequested.IsCompleted);
    }

    [Fact]
    public async Task Unread_bytes_that_become_a_request_are_served()
    {
        var idle = await _node.AcceptIdleAsync(new() { HasUnreadBytes = true });
        await _node.AdvanceAsync(IdleGrace);
        await DrainAsync();
        idle.Transport.HasUnreadBytes = false;
        var request = idle.Start();

        await _node.AdvanceAsync(IdleGrace);

        Assert.False(idle.IsToldToEnd());
        await AssertCompletesAsync(idle, request);
    }

    [Fact]
    [Trait("Conformance", "24")]
    public async Task A_request_that_comes_before_the_grace_is_over_is_served_and_completes_the_connection()
    {
        var idle = await _node.AcceptIdleAsync();
        await DrainAsync();
        await _node.AdvanceAsync(IdleGrace / 2);
        var request = idle.Start();

        await _node.AdvanceAsync(IdleGrace);

        Assert.False(idle.IsToldToEnd());
        await AssertCompletesAsync(idle, request);
    }

    [Fact]
    public async Task A_connection_that_is_kept_alive_all_the_same_is_closed_after_a_grace_of_its_own()
    {
        var idle = await _node.AcceptIdleAsync();
        await DrainAsync();
        var request = idle.Start();
        await _node.AdvanceAsync(IdleGrace);
        idle.End(request);

        await _node.AdvanceAsync(IdleGrace - Tick);
        Assert.False(idle.Transport.CloseRequested.IsCompleted);
        await _node.AdvanceAsync(Tick);
        Assert.True(idle.Transport.CloseRequested.IsCompleted);
    }

    [Fact]
    [Trait("Conformance", "10")]
    [Trait("Conformance", "28")]
    public async Task A_connection_with_open_streams_is_closed_only_when_the_last_has_ended()
    {
        var (connection, first) = await _node.AcceptBusyAsync(transport: new() { Protocol = "HTTP/2" });
        var second = connection.Start();
        await DrainAsync();
        await _node.AdvanceAsync(TimeSpan.FromSeconds(10));
        connection.End(first);
        await _node.AdvanceAsync(IdleGrace);
        Assert.False(connection.IsToldToEnd());

        connection.End(second);
        await _node.AdvanceAsync(IdleGrace);
        Assert.True(connection.Transport.CloseRequested.IsCompleted);
        Assert.False(connection.Transport.Aborted.IsCompleted);
    }

    [Fact]
    public async Task A_connection_that_ends_during_its_grace_is_left_alone()
    {
        var idle = await _node.AcceptIdleAsync();
        await DrainAsync();
        idle.Cell.Closed();

        await _node.AdvanceAsync(IdleGrace);

        Assert.False(idle.IsToldToEnd());
        Assert.Equal(NodePhase.Drained, (await _node.Server.StatusAsync()).Phase);
    }

    [Fact]
    public async Task An_upgraded_connection_is_told_to_close_and_told_again_while_bytes_are_unread()
    {
        var upgraded = await _node.AcceptUpgradedAsync();
        upgraded.Transport.HasUnreadBytes = true;
        await DrainAsync();
        Assert.Equal(1, upgraded.Transport.RefusedCloses);

        upgraded.Transport.HasUnreadBytes = false;
        await _node.AdvanceAsync(IdleGrace);

        Assert.True(upgraded.Transport.CloseRequested.IsCompleted);
    }

    [Fact]
    public async Task A_connection_that_is_upgraded_while_the_node_drains_is_told_to_close()
    {
        var (connection, _) = await _node.AcceptBusyAsync("/ws");
        await DrainAsync();
        connection.Cell.Upgraded();
        await _node.SettleAsync();

        Assert.True(connection.Transport.CloseRequested.IsCompleted);
    }

    private async Task DrainAsync()
    {
        await _node.Server.BeginDrainAsync();
        // The timers of phases that take no time fire with the next step of time.
        await _node.AdvanceAsync(TimeSpan.Zero);
        Assert.Equal(NodePhase.Draining, (await _node.Server.StatusAsync()).Phase);
    }

    private async Task AssertCompletesAsync(VirtualConnection connection, object request)
    {
        connection.End(request, keepAlive: false);
        connection.Cell.Closed();
        var report = await _node.Server.WhenDrained.SoonAsync();

        Assert.Equal((1, 0, 1, 0), (report.Initial, report.Closed, report.Completed, report.Aborted));
        Assert.Equal(EndReason.Completed, (await _node.SnapshotAsync(connection)).EndReason);
    }
}
