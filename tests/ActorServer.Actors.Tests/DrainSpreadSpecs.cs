using ActorServer.Core;
using ActorServer.TestKit;

namespace ActorServer.Actors.Tests;

/// <summary>Quiet connections close evenly over the spread, longest idle first.</summary>
[Trait("Conformance", "70")]
[Trait("Conformance", "87")]
public sealed class DrainSpreadSpecs : IAsyncDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly VirtualNode _node = VirtualNode.Start(new()
    {
        Budget = TimeSpan.FromMinutes(1),
        LameDuck = Duration.Zero,
        IdleGrace = Duration.Zero,
        SilentGrace = Duration.Zero,
    });

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task One_closes_in_each_part_of_the_spread_the_longest_idle_first()
    {
        List<VirtualConnection> all = [];
        for (var i = 0; i < 8; i++)
        {
            all.Add(await _node.AcceptIdleAsync());
            await _node.AdvanceAsync(Second);
        }

        // The oldest has just been used: it is the last in turn now.
        all[0].End(all[0].Start());
        all = [.. all.Skip(1), all[0]];
        await BeginAsync(8 * Second);

        for (var closed = 0; closed <= 8; closed++)
        {
            Assert.Equal(all.Take(closed).Select(c => c.Id), Closed(all).Select(c => c.Id));
            await _node.AdvanceAsync(Second);
        }
    }

    [Fact]
    public async Task Silent_connections_take_their_turns_among_the_idle_ones()
    {
        var silent = await _node.AcceptAsync();
        await _node.AdvanceAsync(Second);
        var idle = await _node.AcceptIdleAsync();
        await _node.AdvanceAsync(Second);
        await BeginAsync(4 * Second);

        await _node.AdvanceAsync(2 * Second);
        Assert.True(silent.Transport.CloseRequested.IsCompleted);
        Assert.False(idle.Transport.CloseRequested.IsCompleted);
        await _node.AdvanceAsync(2 * Second);
        Assert.True(idle.Transport.CloseRequested.IsCompleted);
    }

    [Theory]
    [InlineData(30)]
    [InlineData(3000)]
    public async Task Many_connections_close_at_an_even_rate(int count)
    {
        const int parts = 6;
        var all = Enumerable.Range(0, count).Select(_ => _node.Accept()).ToList();
        await _node.SettleAsync();
        await BeginAsync(parts * Second);

        for (var part = 1; part <= parts; part++)
        {
            await _node.AdvanceAsync(Second);
            // The next one's turn may begin with this very moment.
            Assert.InRange(Closed(all).Count(), part * count / parts, (part * count / parts) + 1);
        }

        await _node.ObeyAsync(all);
        Assert.Equal(count, (await _node.Server.WhenDrained.SoonAsync()).Closed);
    }

    [Fact]
    public async Task A_busy_connection_has_no_turn_to_wait_for()
    {
        var (busy, request) = await _node.AcceptBusyAsync();
        await BeginAsync(10 * Second);
        busy.End(request);
        await _node.AdvanceAsync(TimeSpan.Zero);

        Assert.True(busy.Transport.CloseRequested.IsCompleted);
    }

    [Fact]
    [Trait("Conformance", "24")]
    public async Task A_connection_that_is_used_before_its_turn_is_served_and_closed_after_it()
    {
        var idle = await _node.AcceptIdleAsync();
        await BeginAsync(10 * Second);
        var request = idle.Start();
        await _node.AdvanceAsync(10 * Second);
        Assert.False(idle.IsToldToEnd());

        idle.End(request, keepAlive: false);
        idle.Cell.Closed();

        var report = await _node.Server.WhenDrained.SoonAsync();
        Assert.Equal((1, 1, 0), (report.Initial, report.Completed, report.Closed));
    }

    [Fact]
    [Trait("Conformance", "91")]
    public async Task An_infinite_spread_leaves_the_quiet_ones_to_their_own_timeouts()
    {
        var idle = await _node.AcceptIdleAsync();
        await BeginAsync(Duration.Infinite);
        await _node.AdvanceAsync(TimeSpan.FromSeconds(50));
        Assert.False(idle.IsToldToEnd());

        idle.Cell.Closed();

        Assert.Equal(1, (await _node.Server.WhenDrained.SoonAsync()).Closed);
    }

    private async Task BeginAsync(Duration spread)
    {
        await _node.SettleAsync();
        await _node.Server.BeginDrainAsync(new(DrainTrigger.Code, Spread: spread));
        await _node.AdvanceAsync(TimeSpan.Zero);
        Assert.Equal(NodePhase.Draining, (await _node.Server.StatusAsync()).Phase);
    }

    private static IEnumerable<VirtualConnection> Closed(IEnumerable<VirtualConnection> connections)
        => connections.Where(static c => c.Transport.CloseRequested.IsCompleted);
}
