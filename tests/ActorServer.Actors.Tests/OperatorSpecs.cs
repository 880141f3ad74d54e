using ActorServer.Core;
using ActorServer.TestKit;

namespace ActorServer.Actors.Tests;

/// <summary>What becomes of a command to one connection.</summary>
public sealed class OperatorSpecs : IAsyncDisposable
{
    private readonly VirtualNode _node = VirtualNode.Start();

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task Closing_an_idle_connection_closes_it_at_once_and_no_other()
    {
        var (idle, other) = (await _node.AcceptIdleAsync(), await _node.AcceptIdleAsync());

        Assert.Equal(CommandResult.Accepted, await _node.Server.Connection(idle.Id).CloseAsync());
        await _node.SettleAsync();

        Assert.True(idle.Transport.CloseRequested.IsCompleted);
        Assert.False(other.IsToldToEnd());
        await _node.ObeyAsync(idle);
        Assert.Equal(EndReason.Closed, (await _node.SnapshotAsync(idle)).EndReason);
    }

    [Fact]
    public async Task Closing_a_silent_connection_closes_it_at_once()
    {
        var silent = await _node.AcceptAsync();

        await _node.Server.Connection(silent.Id).CloseAsync();

        await silent.Transport.CloseRequested.SoonAsync();
    }

    [Fact]
    public async Task Closing_a_busy_connection_announces_it_and_waits_for_the_answer()
    {
        var (busy, request) = await _node.AcceptBusyAsync();

        await _node.Server.Connection(busy.Id).CloseAsync();
        await _node.SettleAsync();

        Assert.Equal(1, busy.Transport.Announcements);
        Assert.False(busy.IsToldToEnd());
        busy.End(request);
        await busy.Transport.CloseRequested.SoonAsync();
    }

    [Fact]
    public async Task Aborting_a_busy_connection_cuts_it_at_once()
    {
        var (busy, _) = await _node.AcceptBusyAsync();

        Assert.Equal(CommandResult.Accepted, await _node.Server.Connection(busy.Id).AbortAsync());

        Assert.Contains("operator", await busy.Transport.Aborted.SoonAsync(), StringComparison.Ordinal);
        await _node.ObeyAsync(busy);
        Assert.Equal(EndReason.Aborted, (await _node.SnapshotAsync(busy)).EndReason);
        Assert.Equal(1, (await _node.Server.StatusAsync()).Totals.Aborted);
    }

    [Fact]
    public async Task A_gone_connection_answers_gone()
    {
        var connection = await _node.AcceptAsync();
        connection.Cell.Closed();
        await _node.SettleAsync();
        var reference = _node.Server.Connection(connection.Id);

        Assert.Equal(CommandResult.Gone, await reference.CloseAsync());
        Assert.Equal(CommandResult.Gone, await reference.AbortAsync());
        Assert.Equal(ConnectionState.Closed, (await reference.GetAsync())!.State);
        Assert.False(connection.IsToldToEnd());
    }

    [Fact]
    public async Task A_connection_that_never_was_is_unknown()
    {
        var reference = _node.Server.Connection("node-404");

        Assert.Equal("node-404", reference.Id);
        Assert.Equal(CommandResult.Unknown, await reference.CloseAsync());
        Assert.Equal(CommandResult.Unknown, await reference.AbortAsync());
        Assert.Null(await reference.GetAsync());
    }

    [Fact]
    public async Task A_connection_that_was_told_to_close_still_closes_when_a_drain_follows()
    {
        var idle = await _node.AcceptIdleAsync(new() { HasUnreadBytes = true });
        await _node.Server.Connection(idle.Id).CloseAsync();
        await _node.Server.BeginDrainAsync(new(DrainTrigger.Code, LameDuck: Duration.Zero, Spread: TimeSpan.FromSeconds(10)));
        await _node.AdvanceAsync(TimeSpan.Zero);
        idle.Transport.HasUnreadBytes = false;

        // Long before its turn in the drain.
        await _node.AdvanceAsync(TimeSpan.FromMilliseconds(50));

        Assert.True(idle.Transport.CloseRequested.IsCompleted);
    }
}
