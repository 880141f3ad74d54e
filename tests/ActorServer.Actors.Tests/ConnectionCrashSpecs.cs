using ActorServer.Core;
using ActorServer.TestKit;

namespace ActorServer.Actors.Tests;

/// <summary>A connection's actor that crashes cuts nobody off, and goes on from the facts.</summary>
[Trait("Conformance", "106")]
public sealed class ConnectionCrashSpecs : IAsyncDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly VirtualNode _node = VirtualNode.Start(new()
    {
        Budget = 10 * Second,
        LameDuck = Second,
        Spread = Duration.Zero,
        AbortWait = 2 * Second,
    });

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task One_that_crashes_is_announced_all_the_same_and_nobody_is_cut_off()
    {
        var (crashing, request) = await _node.AcceptBusyAsync();
        var (other, otherRequest) = await _node.AcceptBusyAsync();
        crashing.Transport.Failure = Bug();
        await _node.Server.BeginDrainAsync();
        await _node.SettleAsync();

        Assert.Null(crashing.Transport.Failure);
        Assert.Equal((1, 1), (crashing.Transport.Announcements, other.Transport.Announcements));
        Assert.False(crashing.IsToldToEnd());
        Assert.Equal(new ConnectionCounts(0, Active: 2, 0, 0), (await _node.Server.StatusAsync()).Connections);
        crashing.End(request);
        other.End(otherRequest);
        await _node.AssertWentAsync(crashing, ConnectionState.New, ConnectionState.Active, ConnectionState.Idle);
        await _node.AssertWentAsync(other, ConnectionState.New, ConnectionState.Active, ConnectionState.Idle);
        await DrainToTheEndAsync(new(Initial: 2, Closed: 2, 0, 0, 0), crashing, other);
    }

    [Fact]
    public async Task One_that_crashes_as_it_closes_is_closed_all_the_same()
    {
        var crashing = await _node.AcceptIdleAsync();
        await _node.Server.BeginDrainAsync();
        await _node.SettleAsync();
        crashing.Transport.Failure = Bug();

        await DrainToTheEndAsync(new(Initial: 1, Closed: 1, 0, 0, 0), crashing);

        Assert.Null(crashing.Transport.Failure);
        Assert.True(crashing.Transport.CloseRequested.IsCompleted);
    }

    [Fact]
    public async Task One_that_crashes_before_its_grace_is_over_still_has_its_timer()
    {
        var crashing = await _node.AcceptIdleAsync(new() { HasUnreadBytes = true });
        await _node.Server.BeginDrainAsync();
        await _node.AdvanceAsync(2 * Second);
        Assert.Equal(1, crashing.Transport.RefusedCloses);

        // The retry crashes; what is done in its place finds the bytes still unread; the next finds them read.
        crashing.Transport.Failure = Bug();
        await _node.AdvanceAsync(Second);
        Assert.Equal(2, crashing.Transport.RefusedCloses);
        crashing.Transport.HasUnreadBytes = false;
        await _node.AdvanceAsync(Second);

        Assert.True(crashing.Transport.CloseRequested.IsCompleted);
    }

    [Fact]
    public async Task One_that_crashes_as_it_aborts_is_aborted_all_the_same()
    {
        var (crashing, _) = await _node.AcceptBusyAsync();
        crashing.Transport.Failure = Bug();
        await _node.Server.Connection(crashing.Id).AbortAsync();

        await crashing.Transport.Aborted.SoonAsync();

        await _node.ObeyAsync(crashing);
        Assert.Equal(EndReason.Aborted, (await _node.SnapshotAsync(crashing)).EndReason);
    }

    [Fact]
    public async Task One_that_crashes_again_and_again_misses_nothing()
    {
        const int crashes = 100;
        var connection = await _node.AcceptAsync();
        for (var i = 0; i < crashes; i++)
        {
            var request = connection.Start();
            connection.Transport.Failure = Bug();
            await _node.Server.Connection(connection.Id).CloseAsync();
            await _node.SettleAsync();
            Assert.Null(connection.Transport.Failure);
            connection.End(request);
            await _node.SettleAsync();
        }

        await _node.Transitions.ReachAsync(connection.Id, ConnectionState.Idle, crashes);
        Assert.Equal((2 * crashes) + 1, _node.Transitions.States(connection.Id).Count);
        Assert.Equal(new ConnectionCounts(0, 0, Idle: 1, 0), (await _node.Server.StatusAsync()).Connections);
        connection.Cell.Closed();
        await _node.SettleAsync();
        Assert.Equal((0, crashes), ((await _node.Server.StatusAsync()).Connections.Total, (await _node.Server.StatusAsync()).Totals.Requests));
    }

    [Fact]
    public async Task Facts_that_come_while_it_crashes_are_all_read()
    {
        const int rounds = 1000;
        var connection = await _node.AcceptIdleAsync();
        await _node.Server.Connection(connection.Id).CloseAsync();
        await _node.SettleAsync();

        // Told to close, it closes at every end of a request, and crashes at it.
        for (var i = 0; i < rounds; i++)
        {
            connection.Transport.Failure = Bug();
            connection.End(connection.Start());
        }

        await _node.SettleAsync();
        connection.Transport.Failure = null;
        connection.Cell.Closed();
        await _node.Transitions.ReachAsync(connection.Id, ConnectionState.Closed);
        var states = _node.Transitions.States(connection.Id);
        Assert.Equal(1 + (2 * (rounds + 1)) + 1, states.Count);
        Assert.All(
            states.Skip(1).SkipLast(1).Index(),
            static s => Assert.Equal(s.Index % 2 == 0 ? ConnectionState.Active : ConnectionState.Idle, s.Item));
    }

    [Fact]
    public async Task One_that_crashes_at_every_try_is_closed_by_a_later_one()
    {
        FakeTransport transport = new();
        var crashes = 0;
        Loggers loggers = new(line =>
        {
            if (line.Name == "ConnectionRestarted" && ++crashes < 5)
            {
                transport.Failure = Bug();
            }
        });
        await using var node = VirtualNode.Start(loggers: loggers);
        var idle = await node.AcceptIdleAsync(transport);
        transport.Failure = Bug();
        await node.Server.Connection(idle.Id).CloseAsync();
        for (var i = 0; i < 5; i++)
        {
            await node.AdvanceAsync(Second);
        }

        Assert.Equal(5, crashes);
        Assert.True(transport.CloseRequested.IsCompleted);
    }

    [Fact]
    public async Task One_whose_transport_always_fails_is_tracked_to_its_end_and_does_not_spin()
    {
        StubbornTransport transport = new();
        var cell = _node.Accept("stubborn", transport);
        var request = new object();
        cell.RequestStarted(request, "GET", "/");
        var other = await _node.AcceptIdleAsync();
        await _node.Server.BeginDrainAsync();
        await _node.AdvanceAsync(Second);
        await _node.AdvanceAsync(Second);
        cell.RequestEnded(request, keepAlive: true);
        await _node.AdvanceAsync(Second);
        await _node.SettleAsync();

        Assert.Equal(new ConnectionCounts(0, 0, Idle: 2, 0), (await _node.Server.StatusAsync()).Connections);
        Assert.True(other.Transport.CloseRequested.IsCompleted);
        await _node.ObeyAsync(other);
        cell.Closed();
        var report = await _node.Server.WhenDrained.SoonAsync();
        Assert.Equal((2, 1, 1), (report.Initial, report.Closed, report.Completed));
        Assert.InRange(transport.Calls, 1, 50);
    }

    [Fact]
    public async Task Stubborn_transports_do_not_hold_up_the_deadline()
    {
        _node.Accept("stubborn", new StubbornTransport());
        var (busy, _) = await _node.AcceptBusyAsync();
        await _node.Server.BeginDrainAsync();
        await _node.AdvanceAsync(8 * Second);
        Assert.True(busy.Transport.Aborted.IsCompleted);
        await _node.ObeyAsync(busy);
        await _node.AdvanceAsync(2 * Second);

        var report = await _node.Server.WhenDrained.SoonAsync();
        Assert.Equal((2, 1, 1), (report.Initial, report.Aborted, report.Stragglers));
    }

    private static InvalidOperationException Bug() => new("A bug in a transport.");

    private async Task DrainToTheEndAsync(Numbers expected, params VirtualConnection[] connections)
    {
        await _node.AdvanceAsync(Second);
        await _node.AdvanceAsync(Second);
        await _node.ObeyAsync(connections);
        var report = await _node.Server.WhenDrained.SoonAsync();
        Assert.Equal(
            expected, new(report.Initial, report.Closed, report.Completed, report.Aborted, report.Stragglers));
    }

    private sealed record Numbers(int Initial, int Closed, int Completed, int Aborted, int Stragglers);
}
