using ActorServer.Core;
using ActorServer.TestKit;

namespace ActorServer.Actors.Tests.Steering;

/// <summary>When the quiet connections' turns come, and how a second drain, a resume and a crash change them.</summary>
public sealed class TurnSpecs : IAsyncDisposable
{
    private const int Many = 20;
    private static readonly TimeSpan Spread = TimeSpan.FromSeconds(20);

    private readonly VirtualNode _node = VirtualNode.Start(new()
    {
        Budget = TimeSpan.FromMinutes(10),
        LameDuck = Duration.Zero,
        Spread = Spread,
        IdleGrace = Duration.Zero,
        SilentGrace = Duration.Zero,
    });

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    [Trait("Conformance", "87")]
    [Trait("Conformance", "88")]
    public async Task One_in_each_part_of_the_spread_the_longest_idle_first()
    {
        var connections = await IdleAsync();
        await _node.DrainUntilAsync(NodePhase.Draining);

        for (var turn = 1; turn <= Many; turn++)
        {
            await _node.AdvanceAsync(Spread / Many);
            Assert.Equal(
                Enumerable.Range(0, Many).Select(i => i < turn),
                connections.Select(static c => c.Transport.CloseRequested.IsCompleted));
        }
    }

    [Fact]
    [Trait("Conformance", "91")]
    public async Task With_an_infinite_spread_nobody_has_one_until_a_second_drain_gives_it()
    {
        var connections = await IdleAsync();
        await _node.Server.BeginDrainAsync(new(DrainTrigger.Api, Spread: Duration.Infinite));
        await _node.AdvanceAsync(TimeSpan.Zero);
        await _node.AdvanceAsync(TimeSpan.FromMinutes(5));
        Assert.DoesNotContain(connections, static c => c.Transport.CloseRequested.IsCompleted);
        // Their own timeouts end them, and the drain counts them.
        connections[0].Cell.Closed();
        await _node.Transitions.ReachAsync(connections[0].Id, ConnectionState.Closed);
        await _node.SettleAsync();
        Assert.Equal(1, (await _node.Server.StatusAsync()).Drain!.Closed);

        await _node.Server.BeginDrainAsync(new(DrainTrigger.Api, Spread: Spread));
        await _node.AdvanceAsync(Spread);

        Assert.All(connections.Skip(1), static c => Assert.True(c.Transport.CloseRequested.IsCompleted));
    }

    [Fact]
    [Trait("Conformance", "68")]
    public async Task A_second_drain_with_a_shorter_spread_brings_them_forward()
    {
        var connections = await IdleAsync();
        await _node.DrainUntilAsync(NodePhase.Draining);
        await _node.AdvanceAsync(Spread / 2);
        Assert.Equal(Many / 2, connections.Count(static c => c.Transport.CloseRequested.IsCompleted));

        await _node.Server.BeginDrainAsync(new(DrainTrigger.Api, Spread: Duration.Zero));
        await _node.AdvanceAsync(TimeSpan.Zero);

        Assert.All(connections, static c => Assert.True(c.Transport.CloseRequested.IsCompleted));
    }

    [Fact]
    [Trait("Conformance", "82")]
    public async Task After_a_resume_they_begin_anew()
    {
        var connections = await IdleAsync();
        await _node.DrainUntilAsync(NodePhase.Draining);
        await _node.AdvanceAsync(Spread / 2);
        await _node.Server.ResumeAsync();
        var left = connections.FindAll(static c => !c.Transport.CloseRequested.IsCompleted);
        Assert.Equal(Many / 2, left.Count);
        foreach (var gone in connections.Except(left))
        {
            gone.Cell.Closed();
        }

        await _node.AdvanceAsync(Spread);
        Assert.DoesNotContain(left, static c => c.Transport.CloseRequested.IsCompleted);
        await _node.DrainUntilAsync(NodePhase.Draining);
        await _node.AdvanceAsync(Spread / 2);
        Assert.Equal(Many / 4, left.Count(static c => c.Transport.CloseRequested.IsCompleted));
        await _node.AdvanceAsync(Spread / 2);

        Assert.All(left, static c => Assert.True(c.Transport.CloseRequested.IsCompleted));
    }

    [Fact]
    [Trait("Conformance", "107")]
    public async Task After_a_crash_of_the_supervisor_all_come_within_the_spread()
    {
        var connections = await IdleAsync();
        await _node.DrainUntilAsync(NodePhase.Draining);
        await _node.AdvanceAsync(Spread / 2);

        await _node.CrashSupervisorAsync();
        await _node.AdvanceAsync(Spread);

        Assert.All(connections, static c => Assert.True(c.Transport.CloseRequested.IsCompleted));
    }

    private async Task<List<VirtualConnection>> IdleAsync()
    {
        List<VirtualConnection> connections = [];
        for (var i = 0; i < Many; i++)
        {
            connections.Add(await _node.IdleAsync());
            _node.Advance(TimeSpan.FromMilliseconds(10));
        }

        return connections;
    }
}
