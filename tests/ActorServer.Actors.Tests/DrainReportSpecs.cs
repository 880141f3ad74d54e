using ActorServer.Core;
using ActorServer.TestKit;

namespace ActorServer.Actors.Tests;

/// <summary>What a drain says of itself, at every moment and at its end.</summary>
[Trait("Conformance", "70")]
public sealed class DrainReportSpecs : IAsyncDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly VirtualNode _node = VirtualNode.Start(
        new() { Budget = TimeSpan.FromSeconds(20), LameDuck = 5 * Second, Spread = Duration.Zero, AbortWait = 5 * Second });

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    [Trait("Conformance", "50")]
    public async Task The_blockers_are_named_in_the_order_of_who_has_held_longest()
    {
        var (young, _) = await _node.AcceptBusyAsync("/young", new() { Peer = "192.0.2.5:5" });
        var (old, oldest) = await _node.AcceptBusyAsync("/old", new() { Protocol = "HTTP/2" });
        var start = _node.Time.GetUtcNow();
        await _node.AdvanceAsync(Second);
        var upgraded = await _node.AcceptUpgradedAsync("/ws");
        await _node.AdvanceAsync(Second);
        old.Start("/a-younger-stream-of-the-oldest");
        young.Cell.Closed();
        var (last, _) = await _node.AcceptBusyAsync("/last");
        await _node.AdvanceAsync(Second);

        await _node.Server.BeginDrainAsync();
        var blockers = (await _node.Server.StatusAsync()).Drain!.Blockers;

        Assert.Equal([old.Id, upgraded.Id, last.Id], blockers.Select(b => b.Id));
        Assert.Equal(["/old", "/ws", "/last"], blockers.Select(b => b.Path));
        Assert.Equal([start, start + Second, start + (2 * Second)], blockers.Select(b => b.Since));
        Assert.Equal(
            [ConnectionState.Active, ConnectionState.Upgraded, ConnectionState.Active], blockers.Select(b => b.State));
        Assert.Equal((3 * Second, "GET", old.Transport.Peer), (blockers[0].Age, blockers[0].Method, blockers[0].Peer));
        old.End(oldest);
        Assert.Equal(upgraded.Id, (await _node.Server.StatusAsync()).Drain!.Blockers[0].Id);
    }

    [Fact]
    public async Task Quiet_connections_block_only_when_the_ports_are_closed()
    {
        var idle = await _node.AcceptIdleAsync();
        await _node.Server.BeginDrainAsync();
        Assert.Empty((await _node.Server.StatusAsync()).Drain!.Blockers);

        await _node.AdvanceAsync(5 * Second);

        var blocker = Assert.Single((await _node.Server.StatusAsync()).Drain!.Blockers);
        Assert.Equal((idle.Id, ConnectionState.Idle, null), (blocker.Id, blocker.State, blocker.Path));
    }

    [Fact]
    public async Task A_report_names_a_hundred_blockers_and_counts_all()
    {
        for (var i = 0; i < 150; i++)
        {
            _node.Accept().Start($"/{i}");
        }

        await _node.SettleAsync();
        var report = await _node.Server.BeginDrainAsync();

        Assert.Equal(150, report.Remaining);
        Assert.Equal(DrainReport.BlockersMax, report.Blockers.Count);
    }

    [Fact]
    public async Task Whoever_was_there_at_the_start_is_accounted_for_at_the_end()
    {
        var idle = await _node.AcceptIdleAsync();
        var silent = await _node.AcceptAsync();
        var gone = await _node.AcceptIdleAsync(new() { PeerClosed = true });
        var (answered, request) = await _node.AcceptBusyAsync();
        var (refused, upgraded) = (await _node.AcceptAsync(), await _node.AcceptUpgradedAsync());
        var (cut, deaf) = ((await _node.AcceptBusyAsync()).Connection, (await _node.AcceptBusyAsync()).Connection);
        var drained = _node.Server.DrainAsync();
        await _node.SettleAsync();

        gone.Cell.Closed();
        refused.Cell.Refused();
        refused.Cell.Closed();
        await AssertRemainingAsync(6);
        await _node.AdvanceAsync(5 * Second);
        await _node.AdvanceAsync(Second);
        await _node.ObeyAsync(idle, silent);
        await AssertRemainingAsync(4);
        answered.End(request, keepAlive: false);
        answered.Cell.Closed();
        upgraded.Cell.Closed();
        await AssertRemainingAsync(2);
        await _node.AdvanceAsync(9 * Second);
        await _node.ObeyAsync(cut);
        await _node.AdvanceAsync(5 * Second);

        var report = await drained.SoonAsync();
        Assert.Equal(8, report.Initial);
        Assert.Equal((3, 3, 1, 1), (report.Closed, report.Completed, report.Aborted, report.Stragglers));
        Assert.Equal(report.Initial, report.Closed + report.Completed + report.Aborted + report.Stragglers);
        Assert.Contains(deaf.Id, report.Blockers.Select(b => b.Id));
    }

    [Fact]
    public async Task Who_waits_for_the_end_is_told_it_once_it_has_come()
    {
        var early = _node.Server.WhenDrained;
        Assert.False(early.IsCompleted);
        var drained = _node.Server.DrainAsync();
        await _node.AdvanceAsync(5 * Second);

        var report = await drained.SoonAsync();

        Assert.Equal(report, await early.SoonAsync());
        Assert.Equal(report, await _node.Server.WhenDrained.SoonAsync());
        Assert.Equal((DrainPhase.Drained, report.EndedAt), ((await _node.Server.StatusAsync()).Drain!.Phase, _node.Time.GetUtcNow()));
    }

    private async Task AssertRemainingAsync(int remaining)
    {
        await _node.SettleAsync();
        Assert.Equal(remaining, (await _node.Server.StatusAsync()).Drain!.Remaining);
    }
}
