using ActorServer.Core;
using ActorServer.TestKit;

namespace ActorServer.Actors.Tests;

/// <summary>A supervisor that crashes cuts nobody off, and its drain goes on to its end.</summary>
[Trait("Conformance", "107")]
public sealed class SupervisorCrashSpecs : IAsyncDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeListenerGate _gate = new(closesAtOnce: false);
    private readonly VirtualNode _node;

    public SupervisorCrashSpecs() => _node = VirtualNode.Start(
        new() { Budget = 20 * Second, LameDuck = 2 * Second, Spread = 4 * Second, AbortWait = 4 * Second }, _gate);

    /// <summary>When the supervisor crashes.</summary>
    [Flags]
    public enum Moments
    {
        None = 0,
        Serving = 1,
        LameDuck = 2,
        PortsClosing = 4,
        Spreading = 8,
        Aborting = 16,
        Drained = 32,
        All = 63,
    }

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    // None shows that the others differ from it in nothing.
    [Theory]
    [InlineData(Moments.None)]
    [InlineData(Moments.Serving)]
    [InlineData(Moments.LameDuck)]
    [InlineData(Moments.PortsClosing)]
    [InlineData(Moments.Spreading)]
    [InlineData(Moments.Aborting)]
    [InlineData(Moments.Drained)]
    [InlineData(Moments.All)]
    public async Task A_drain_goes_the_same_way_whenever_the_supervisor_crashes(Moments moments)
    {
        List<VirtualConnection> quiet = [await _node.AcceptAsync()];
        for (var i = 0; i < 3; i++)
        {
            await _node.AdvanceAsync(Second);
            quiet.Add(await _node.AcceptIdleAsync());
        }

        var (answered, request) = await _node.AcceptBusyAsync();
        var (cut, _) = await _node.AcceptBusyAsync("/cut");
        var deaf = await _node.AcceptUpgradedAsync();
        await _node.SettleAsync();
        await CrashAsync(Moments.Serving);
        Assert.Equal(new ConnectionCounts(1, 2, 3, 1), (await _node.Server.StatusAsync()).Connections);

        var drained = _node.Server.DrainAsync();
        await _node.SettleAsync();
        await CrashAsync(Moments.LameDuck);
        await _node.AdvanceAsync(2 * Second);
        await CrashAsync(Moments.PortsClosing);
        await _node.ClosePortsAsync();
        await _node.AdvanceAsync(2 * Second);
        Assert.Equal(2, quiet.Count(c => c.IsToldToEnd()));
        await CrashAsync(Moments.Spreading);
        await _node.AdvanceAsync(2 * Second);
        Assert.All(quiet, static c => Assert.True(c.Transport.CloseRequested.IsCompleted));
        await _node.ObeyAsync(quiet);
        Assert.False(answered.IsToldToEnd());
        answered.End(request, keepAlive: false);
        answered.Cell.Closed();
        await _node.AdvanceAsync(10 * Second);
        Assert.True(cut.Transport.Aborted.IsCompleted);
        await CrashAsync(Moments.Aborting);
        await _node.ObeyAsync(cut);
        await _node.AdvanceAsync(4 * Second);
        await CrashAsync(Moments.Drained);

        var report = await drained.SoonAsync();
        Assert.Equal((7, 4, 1, 1, 1), (report.Initial, report.Closed, report.Completed, report.Aborted, report.Stragglers));
        Assert.Equal(20 * Second, report.EndedAt - report.StartedAt);
        var status = await _node.Server.StatusAsync();
        Assert.Equal((NodePhase.Drained, 1, 6L), (status.Phase, status.Connections.Total, status.Totals.Closed));
        Assert.Equal(report.EndedAt, status.Drain!.EndedAt);
        await _node.Transitions.ReachAsync(NodePhase.Drained);
        Assert.Equal([NodePhase.LameDuck, NodePhase.Draining, NodePhase.Drained], _node.Transitions.Phases);
        await _node.AssertWentAsync(quiet[1], ConnectionState.New, ConnectionState.Active, ConnectionState.Idle, ConnectionState.Closed);
        await _node.AssertWentAsync(deaf, ConnectionState.New, ConnectionState.Active, ConnectionState.Upgraded);

        async Task CrashAsync(Moments moment)
        {
            if (moments.HasFlag(moment))
            {
                await _node.CrashSupervisorAsync();
            }
        }
    }

    [Fact]
    public async Task Connections_live_on_and_are_served_and_counted()
    {
        var idle = await _node.AcceptIdleAsync();
        var (busy, request) = await _node.AcceptBusyAsync();
        await _node.CrashSupervisorAsync();

        busy.End(request);
        var (later, _) = await _node.AcceptBusyAsync();
        await _node.SettleAsync();

        Assert.Equal(new ConnectionCounts(0, Active: 1, Idle: 2, 0), (await _node.Server.StatusAsync()).Connections);
        Assert.Equal(
            [idle.Id, busy.Id, later.Id], (await _node.Server.ConnectionsAsync()).Items.Select(c => c.Id));
        await _node.Server.Connection(idle.Id).CloseAsync();
        await idle.Transport.CloseRequested.SoonAsync();
        await _node.ObeyAsync(idle);
        Assert.False(busy.IsToldToEnd());
        var status = await _node.Server.StatusAsync();
        Assert.Equal((2, new NodeTotals(Accepted: 3, Closed: 1, Requests: 2)), (status.Connections.Total, status.Totals));
    }

    [Fact]
    public async Task A_crash_as_the_drain_begins_delays_nothing()
    {
        var idle = await _node.AcceptIdleAsync();
        _gate.Failure = new InvalidOperationException("A bug in a gate.");
        _gate.Close();

        var begun = await _node.Server.BeginDrainAsync(new(DrainTrigger.Api, Reason: "why"));
        await _node.SettleAsync();

        Assert.Null(_gate.Failure);
        Assert.Equal(("1", DrainTrigger.Api, "why", 1), (begun.Id, begun.Trigger, begun.Reason, begun.Initial));
        Assert.True(_gate.Announced);
        Assert.True(idle.Transport.Announced.IsCompleted);
        await _node.AdvanceAsync(2 * Second);
        await _node.AdvanceAsync(4 * Second);
        await _node.ObeyAsync(idle);
        Assert.Equal(1, (await _node.Server.WhenDrained.SoonAsync()).Closed);
    }

    [Fact]
    public async Task What_was_reported_but_not_heard_before_the_crash_is_counted_once()
    {
        var crashes = 0;
        Loggers loggers = new(line => crashes += line.Name == "SupervisorRestarted" ? 1 : 0);
        await using var node = VirtualNode.Start(loggers: loggers);
        using StumblingTransport transport = new();
        var stumbling = node.Accept("stumbling", transport);
        var (ending, turning) = (await node.AcceptIdleAsync(), await node.AcceptIdleAsync());
        await node.SettleAsync();
        var asked = node.Server.Connection(stumbling.Id).GetAsync();
        await transport.Entered.SoonAsync();
        // The supervisor is in the middle of its question, and hears of these only when it has failed.
        turning.Start();
        await node.Transitions.ReachAsync(turning.Id, ConnectionState.Active, times: 2);
        ending.Cell.Closed();
        await node.Transitions.ReachAsync(ending.Id, ConnectionState.Closed);

        transport.Release();

        Assert.Equal(ConnectionState.New, (await asked.SoonAsync())!.State);
        await node.SettleAsync();
        var status = await node.Server.StatusAsync();
        Assert.Equal(new ConnectionCounts(New: 1, Active: 1, 0, 0), status.Connections);
        Assert.Equal(new(Accepted: 3, Closed: 1, Requests: 2), status.Totals);
        Assert.Equal(1, crashes);
    }

    [Fact]
    public async Task An_end_whose_count_crashes_is_counted_all_the_same()
    {
        using StumblingTransport transport = new();
        transport.Release();
        var stumbling = _node.Accept("stumbling", transport);
        await _node.SettleAsync();
        stumbling.Closed();
        await transport.Entered.SoonAsync();
        await _node.SettleAsync();

        var status = await _node.Server.StatusAsync();

        Assert.Equal((0, new NodeTotals(Accepted: 1, Closed: 1)), (status.Connections.Total, status.Totals));
        Assert.Equal(CommandResult.Gone, await _node.Server.Connection(stumbling.Id).CloseAsync());
    }
}
