using ActorServer.Core;
using ActorServer.TestKit;

namespace ActorServer.Actors.Tests.Steering;

/// <summary>The log says who is waited for: at the start, at the lame duck's end, every few seconds, and no longer.</summary>
public sealed class WaitLogSpecs
{
    private static readonly TimeSpan LameDuck = TimeSpan.FromSeconds(7);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly Journal _log = new();

    [Fact]
    [Trait("Conformance", "50")]
    public async Task It_names_whoever_holds_the_drain_up()
    {
        await using var node = Start();
        await node.IdleAsync();
        var (busy, request) = await node.BusyAsync("/slow");
        var name = $"{busy.Id} (Active, GET /slow)";

        await node.DrainUntilAsync(NodePhase.LameDuck);
        Assert.Equal([$"Drain 1: waiting for 2 connections, longest for {name}."], _log.Entries);

        await node.AdvanceAsync(Interval);
        Assert.Equal(2, _log.Entries.Count);
        Assert.Equal(_log.Entries[0], _log.Entries[1]);

        // The lame duck's end, at 7 s; from then on the quiet ones are waited for too.
        await node.AdvanceAsync(LameDuck - Interval);
        Assert.Equal(3, _log.Entries.Count);
        Assert.Contains(name, _log.Entries[2], StringComparison.Ordinal);
        Assert.Contains("(Idle)", _log.Entries[2], StringComparison.Ordinal);

        // The next of every five.
        await node.AdvanceAsync(TimeSpan.FromSeconds(3));
        Assert.Equal(4, _log.Entries.Count);
        await node.AdvanceAsync(Interval);
        await node.AdvanceAsync(Interval);
        Assert.Equal(6, _log.Entries.Count);
        busy.End(request);
    }

    [Fact]
    public async Task It_names_five_and_counts_the_rest()
    {
        await using var node = Start();
        for (var i = 0; i < 7; i++)
        {
            await node.BusyAsync($"/{i}");
        }

        await node.DrainUntilAsync(NodePhase.LameDuck);

        var line = Assert.Single(_log.Entries);
        Assert.StartsWith("Drain 1: waiting for 7 connections", line, StringComparison.Ordinal);
        Assert.Contains("GET /4", line, StringComparison.Ordinal);
        Assert.DoesNotContain("GET /5", line, StringComparison.Ordinal);
        Assert.EndsWith(" and 2 more.", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_names_leases()
    {
        await using var node = Start();
        using var lease = node.Server.HoldDrain("outbox");

        await node.DrainUntilAsync(NodePhase.LameDuck);

        Assert.Contains("lease:outbox", Assert.Single(_log.Entries), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_says_nothing_while_nobody_is_waited_for()
    {
        await using var node = Start();
        await node.IdleAsync();

        await node.DrainUntilAsync(NodePhase.LameDuck);
        await node.AdvanceAsync(Interval);

        Assert.Empty(_log.Entries);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_ends_with_the_drain_or_its_being_called_off(bool calledOff)
    {
        await using var node = Start();
        var (busy, _) = await node.BusyAsync();
        await node.DrainUntilAsync(NodePhase.Draining);
        if (calledOff)
        {
            await node.Server.ResumeAsync();
        }
        else
        {
            busy.Cell.Closed();
            await node.Server.WhenDrained.SoonAsync();
        }

        var lines = _log.Entries.Count;
        await node.AdvanceAsync(10 * Interval);

        Assert.Equal(lines, _log.Entries.Count);
    }

    [Fact]
    public async Task Drains_that_join_all_the_time_do_not_silence_it()
    {
        await using var node = Start();
        await node.BusyAsync();
        await node.DrainUntilAsync(NodePhase.LameDuck);
        for (var i = 0; i < 5; i++)
        {
            await node.AdvanceAsync(Interval / 5);
            await node.Server.BeginDrainAsync(new(DrainTrigger.Api));
        }

        await node.SettleAsync();
        Assert.Equal(2, _log.Entries.Count);
    }

    [Fact]
    [Trait("Conformance", "75")]
    public async Task A_drain_is_accepted_once_and_each_that_joins_it_is_said_once()
    {
        await using var node = Start("DrainAccepted", "DrainJoined", "PhaseEntered", "DrainEnded", "Resumed");
        await node.DrainUntilAsync(NodePhase.LameDuck, DrainTrigger.Signal);
        for (var i = 0; i < 10; i++)
        {
            await node.Server.BeginDrainAsync(new(DrainTrigger.Signal, Reason: "SIGTERM"));
        }

        await node.AdvanceAsync(LameDuck);
        await node.Server.WhenDrained.SoonAsync();

        AssertBegins("Drain 1 accepted from Signal (no reason given): 0 connections", _log.Entries[0]);
        Assert.Equal("Phase LameDuck, 0 connections.", _log.Entries[1]);
        Assert.All(_log.Entries.Skip(2).Take(10), static line => AssertBegins("Drain 1 joined by Signal (SIGTERM)", line));
        Assert.Equal(["Phase Draining, 0 connections.", "Phase Drained, 0 connections."], _log.Entries.Skip(12).Take(2));
        AssertBegins("Drain 1 ended after 00:00:07: 0 connections at its start", _log.Entries[14]);
        Assert.Equal(15, _log.Entries.Count);

        static void AssertBegins(string begin, string line) => Assert.StartsWith(begin, line, StringComparison.Ordinal);
    }

    private VirtualNode Start(params string[] events) => VirtualNode.Start(
        new() { Budget = TimeSpan.FromHours(1), LameDuck = LameDuck, IdleGrace = TimeSpan.FromMinutes(1) },
        loggers: new JournalLoggers(_log, events.Length > 0 ? events : ["DrainWaits"]));
}
