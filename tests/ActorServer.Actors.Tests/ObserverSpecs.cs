using ActorServer.Core;
using ActorServer.TestKit;
using Akka.Actor;

namespace ActorServer.Actors.Tests;

/// <summary>Observers are told everything in order, and nobody waits for them.</summary>
public sealed class ObserverSpecs
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    [Trait("Conformance", "14")]
    public async Task Every_observer_is_told_every_transition_of_a_connection_in_order()
    {
        Observer[] observers = [new(), new(), new()];
        var node = VirtualNode.Start(observers: observers);
        var start = node.Time.GetUtcNow();
        var connections = Enumerable.Range(0, 20).Select(_ => node.Accept()).ToList();
        Parallel.ForEach(connections, static connection =>
        {
            for (var i = 0; i < 50; i++)
            {
                connection.End(connection.Start());
            }

            connection.Cell.Closed();
        });
        await node.SettleAsync();

        // Its end lets every observer hear what is queued.
        await node.DisposeAsync();

        foreach (var observer in observers)
        {
            foreach (var connection in connections)
            {
                var heard = observer.Heard.Where(t => t.Id == connection.Id).ToList();
                Assert.Equal(102, heard.Count);
                Assert.Equal(new(connection.Id, null, ConnectionState.New, start), heard[0]);
                Assert.Equal(new(connection.Id, ConnectionState.Idle, ConnectionState.Closed, start), heard[^1]);
                Assert.All(heard.Zip(heard.Skip(1)), static pair => Assert.Equal(pair.First.To, pair.Second.From));
            }
        }
    }

    [Fact]
    public async Task Observers_are_told_the_phases_of_the_node_and_when_they_began()
    {
        Observer observer = new();
        var node = VirtualNode.Start(new() { LameDuck = Second }, observers: [observer]);
        var start = node.Time.GetUtcNow();
        await node.Server.BeginDrainAsync();
        await node.AdvanceAsync(Second);
        await node.Server.WhenDrained.SoonAsync();
        await node.DisposeAsync();

        Assert.Equal(
            [
                new(NodePhase.Serving, NodePhase.LameDuck, start),
                new(NodePhase.LameDuck, NodePhase.Draining, start + Second),
                new(NodePhase.Draining, NodePhase.Drained, start + Second),
            ],
            observer.Phases);
    }

    [Fact]
    [Trait("Conformance", "15")]
    public async Task One_that_blocks_delays_neither_the_others_nor_traffic_nor_a_drain()
    {
        using ManualResetEventSlim release = new();
        TaskCompletionSource blocked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Observer blocking = new(() =>
        {
            blocked.TrySetResult();
            release.Wait(VirtualNodeExtensions.WaitMax);
        });
        Observer other = new();
        var node = VirtualNode.Start(new() { LameDuck = Second, Spread = Duration.Zero }, observers: [blocking, other]);
        var idle = await node.AcceptIdleAsync();
        await blocked.Task.SoonAsync();

        idle.End(idle.Start());
        await node.Transitions.ReachAsync(idle.Id, ConnectionState.Idle, times: 2);
        var drained = node.Server.DrainAsync();
        await node.AdvanceAsync(Second);
        await node.AdvanceAsync(Second);
        await node.ObeyAsync(idle);
        Assert.Equal(1, (await drained.SoonAsync()).Closed);
        await node.Transitions.ReachAsync(NodePhase.Drained);
        Assert.Single(blocking.Heard);

        // Let go, it hears everything that it has not heard.
        release.Set();
        await node.DisposeAsync();
        Assert.Equal(6, other.Heard.Count);
        Assert.Equal(other.Heard, blocking.Heard);
        Assert.Equal(other.Phases, blocking.Phases);
        Assert.Empty(blocking.Missed);
    }

    [Fact]
    public async Task One_that_never_returns_does_not_hold_up_the_end_of_the_node()
    {
        using ManualResetEventSlim release = new();
        var node = VirtualNode.Start(observers: [new Observer(() => release.Wait(VirtualNodeExtensions.WaitMax))]);
        await node.AcceptIdleAsync();

        await node.DisposeAsync().AsTask().SoonAsync();

        Assert.False(release.IsSet);
        release.Set();
    }

    [Fact]
    [Trait("Conformance", "15")]
    public async Task One_that_throws_is_told_all_the_same_and_concerns_nobody_else()
    {
        var failures = 0;
        Loggers loggers = new(line =>
        {
            if (line.Name == "ObserverFailed")
            {
                Interlocked.Increment(ref failures);
            }
        });
        Observer throwing = new(static () => throw new InvalidOperationException("A bug in an observer."));
        Observer other = new();
        var node = VirtualNode.Start(new() { LameDuck = Second }, observers: [throwing, other], loggers: loggers);
        var connection = await node.AcceptIdleAsync();
        connection.Cell.Closed();
        await node.Server.BeginDrainAsync();
        await node.AdvanceAsync(Second);
        await node.Server.WhenDrained.SoonAsync();
        await node.DisposeAsync();

        Assert.Equal(4, other.Heard.Count);
        Assert.Equal(other.Heard, throwing.Heard);
        Assert.Equal(other.Phases, throwing.Phases);
        Assert.Equal(7, failures);
    }

    [Fact]
    public async Task An_inline_one_is_told_before_the_supervisor_is()
    {
        Observer inline = new(isInline: true);
        await using var node = VirtualNode.Start(observers: [inline]);
        var connection = await node.AcceptIdleAsync();
        connection.Cell.Closed();
        await node.SettleAsync();

        Assert.Equal(
            [ConnectionState.New, ConnectionState.Active, ConnectionState.Idle, ConnectionState.Closed],
            inline.Heard.Select(t => t.To));
    }

    // It must not throw. Should it, that is a crash of the actors like any other.
    [Fact]
    [Trait("Conformance", "106")]
    [Trait("Conformance", "107")]
    public async Task An_inline_one_that_throws_costs_no_transition_and_no_drain()
    {
        Observer throwing = new(static () => throw new InvalidOperationException("A bug in an observer."), isInline: true);
        Observer other = new();
        var node = VirtualNode.Start(new() { LameDuck = Second, Spread = Duration.Zero }, observers: [throwing, other]);
        var connection = node.Accept();
        var idle = node.Accept();
        connection.End(connection.Start());
        idle.End(idle.Start());
        await node.SettleAsync();
        connection.Cell.Closed();
        await node.SettleAsync();
        Assert.Single(((ActorRefWithCell)await node.SupervisorAsync()).Children);

        await node.Server.BeginDrainAsync();
        await node.AdvanceAsync(Second);
        await node.AdvanceAsync(Second);
        await node.ObeyAsync(idle);

        Assert.Equal(1, (await node.Server.WhenDrained.SoonAsync()).Closed);
        await node.DisposeAsync();
        Assert.Equal(8, other.Heard.Count);
        Assert.Equal(other.Heard.OrderBy(t => t.Id), throwing.Heard.OrderBy(t => t.Id));
        Assert.Equal([NodePhase.LameDuck, NodePhase.Draining, NodePhase.Drained], other.Phases.Select(p => p.To));
    }

    [Fact]
    [Trait("Conformance", "15")]
    public async Task One_that_is_too_slow_misses_some_and_is_told_how_many()
    {
        const int pace = 500;
        const int requests = (IConnectionObserver.QueueLength / 2) + (2 * pace);
        using ManualResetEventSlim release = new();
        using SemaphoreSlim keptUp = new(0);
        TaskCompletionSource blocked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var (toldSlow, toldQuick) = (0, 0);
        Observer slow = new(() =>
        {
            blocked.TrySetResult();
            release.Wait();
            // The one it was told when it blocked, and a full queue.
            if (++toldSlow == IConnectionObserver.QueueLength + 1)
            {
                all.SetResult();
            }
        });
        Observer quick = new(() =>
        {
            if (++toldQuick % (2 * pace) == 0)
            {
                keptUp.Release();
            }
        });
        var node = VirtualNode.Start(observers: [slow, quick]);
        var connection = await node.AcceptAsync();
        await blocked.Task.SoonAsync();
        for (var i = 1; i <= requests; i++)
        {
            connection.End(connection.Start());
            // The quick one must not fall behind as well.
            if (i % pace == 0)
            {
                Assert.True(await keptUp.WaitAsync(VirtualNodeExtensions.WaitMax));
            }
        }

        await node.SettleAsync();
        release.Set();
        await all.Task.SoonAsync();
        await node.DisposeAsync();

        Assert.Equal((2 * requests) + 1, quick.Heard.Count);
        Assert.Empty(quick.Missed);
        Assert.Equal(IConnectionObserver.QueueLength + 1, slow.Heard.Count);
        Assert.Equal(quick.Heard.Take(slow.Heard.Count), slow.Heard);
        Assert.Equal([quick.Heard.Count - slow.Heard.Count], slow.Missed);
    }
}
