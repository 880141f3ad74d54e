using ActorServer.Core;
using ActorServer.TestKit;
using Akka.Actor;

namespace ActorServer.Actors.Tests;

/// <summary>The actor of a connection that has ended ends too; in a drain a little later, when it holds nobody up.</summary>
public sealed class DepartureSpecs : IAsyncDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly VirtualNode _node = VirtualNode.Start(
        new() { Budget = 20 * Second, LameDuck = Duration.Zero, Spread = Duration.Zero, IdleGrace = Duration.Zero });

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task An_actor_ends_with_its_connection()
    {
        var idle = await _node.AcceptIdleAsync();
        idle.Cell.Closed();
        await _node.SettleAsync();

        Assert.Equal(0, await ActorsAsync());
    }

    [Fact]
    public async Task In_a_drain_the_actors_of_ended_connections_end_while_others_are_waited_for()
    {
        var idle = await DrainOneOfTwoAsync();
        Assert.Equal(2, await ActorsAsync());
        Assert.Equal(EndReason.Closed, (await _node.SnapshotAsync(idle)).EndReason);
        await _node.AdvanceAsync(Second);

        Assert.Equal(1, await ActorsAsync());
        Assert.Equal(1, (await _node.Server.StatusAsync()).Connections.Total);
    }

    [Fact]
    public async Task While_many_end_no_actor_does()
    {
        // Whoever waits for the last connection would wait for the actors of the first.
        await _node.AcceptBusyAsync();
        List<VirtualConnection> idle = [];
        for (var i = 0; i < 1000; i++)
        {
            idle.Add(_node.Accept());
        }

        await _node.SettleAsync();
        await _node.Server.BeginDrainAsync();
        await _node.AdvanceAsync(2 * Second);
        await _node.ObeyAsync(idle);
        await _node.SettleAsync();
        await _node.AdvanceAsync(Second / 2);
        Assert.Equal(1001, await ActorsAsync());
        await _node.AdvanceAsync(Second / 2);

        Assert.Equal(1, await ActorsAsync());
    }

    [Fact]
    public async Task While_others_still_come_they_end_however_many_they_are()
    {
        var drained = _node.Server.DrainAsync(new(DrainTrigger.Code, Budget: Duration.Infinite, LameDuck: TimeSpan.FromHours(1)));
        for (var i = 0; i < 2500; i++)
        {
            _node.Accept().Cell.Closed();
        }

        await _node.SettleAsync();
        await _node.AdvanceAsync(Second);

        Assert.Equal(0, await ActorsAsync());
        await _node.Server.ResumeAsync();
        await drained;
    }

    [Fact]
    public async Task They_end_though_the_drain_is_called_off()
    {
        await DrainOneOfTwoAsync();
        await _node.Server.ResumeAsync();
        await _node.AdvanceAsync(Second);

        Assert.Equal(1, await ActorsAsync());
    }

    [Fact]
    public async Task They_end_though_the_drain_is_over()
    {
        // More than are let go at a time.
        List<VirtualConnection> idle = [];
        for (var i = 0; i < 2500; i++)
        {
            idle.Add(_node.Accept());
        }

        await _node.SettleAsync();
        var drained = _node.Server.DrainAsync(new(DrainTrigger.Code, Budget: 20 * Second));
        await _node.AdvanceAsync(2 * Second);
        await _node.ObeyAsync(idle);
        Assert.Equal(idle.Count, (await drained).Closed);
        await _node.AdvanceAsync(Second);

        Assert.Equal(0, await ActorsAsync());
    }

    [Fact]
    [Trait("Conformance", "107")]
    public async Task They_end_though_the_supervisor_crashes()
    {
        await DrainOneOfTwoAsync();
        await _node.CrashSupervisorAsync();
        await _node.AdvanceAsync(Second);

        Assert.Equal(1, await ActorsAsync());
    }

    private async Task<VirtualConnection> DrainOneOfTwoAsync()
    {
        var idle = await _node.AcceptIdleAsync();
        await _node.AcceptBusyAsync();
        await _node.Server.BeginDrainAsync();
        await _node.SettleAsync();
        await _node.ObeyAsync(idle);
        await _node.SettleAsync();
        return idle;
    }

    private async Task<int> ActorsAsync()
    {
        await _node.SettleAsync();
        return ((ActorRefWithCell)await _node.SupervisorAsync()).Children.Count();
    }
}
