using ActorServer.Core;
using ActorServer.TestKit;
using Akka.Actor;

namespace ActorServer.Actors.Tests;

/// <summary>What happens while actors crash or are stopped, many times over, on threads that do not wait for one another.</summary>
[Trait("Conformance", "106")]
[Trait("Conformance", "107")]
public sealed class CrashRaceSpecs : IAsyncDisposable
{
    private const int Rounds = 500;

    private readonly VirtualNode _node = VirtualNode.Start(new() { LameDuck = Duration.Zero, Spread = Duration.Zero });

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task Connections_that_are_accepted_while_the_supervisor_crashes_are_all_known()
    {
        var all = new VirtualConnection[Rounds];
        await Duet.PlayAsync(Rounds, i => all[i] = _node.Accept(), _ => CrashSupervisor());
        await EndCrashesAsync();

        Assert.Equal(new ConnectionCounts(New: Rounds, 0, 0, 0), (await _node.Server.StatusAsync()).Connections);
        await AssertAllEndAsync(all, answered: 0);
    }

    [Fact]
    public async Task Transitions_while_the_supervisor_crashes_are_all_counted()
    {
        var all = Enumerable.Range(0, Rounds).Select(_ => _node.Accept()).ToArray();
        await Duet.PlayAsync(Rounds, i => all[i].End(all[i].Start()), _ => CrashSupervisor());
        await EndCrashesAsync();

        Assert.Equal(new ConnectionCounts(0, 0, Idle: Rounds, 0), (await _node.Server.StatusAsync()).Connections);
        await AssertAllEndAsync(all, answered: Rounds);
    }

    [Fact]
    public async Task Connections_that_are_accepted_while_actors_are_stopped_are_all_owned()
    {
        var all = new VirtualConnection[Rounds];
        var actors = _node.System.ActorSelection($"/user/{ActorServerNode.ActorName}/*");
        await Duet.PlayAsync(Rounds, i => all[i] = _node.Accept(), i => actors.Tell(i % 2 == 0 ? PoisonPill.Instance : Kill.Instance));
        await _node.SettleAsync();

        foreach (var connection in all)
        {
            connection.End(connection.Start());
        }

        await _node.Transitions.ReachAsync(ConnectionState.Idle, Rounds);
        Assert.All(all, c => Assert.Equal(
            [ConnectionState.New, ConnectionState.Active, ConnectionState.Idle], _node.Transitions.States(c.Id)));
        await AssertAllEndAsync(all, answered: Rounds);
    }

    [Fact]
    public async Task An_actor_that_is_stopped_while_requests_come_and_go_misses_none()
    {
        var connection = await _node.AcceptAsync();
        var actors = _node.System.ActorSelection($"/user/{ActorServerNode.ActorName}/*");
        await Duet.PlayAsync(Rounds, _ => connection.End(connection.Start()), _ => actors.Tell(PoisonPill.Instance));

        await _node.Transitions.ReachAsync(connection.Id, ConnectionState.Idle, Rounds);
        var states = _node.Transitions.States(connection.Id);
        Assert.Equal((2 * Rounds) + 1, states.Count);
        Assert.Single(states, ConnectionState.New);
        await AssertAllEndAsync([connection], answered: Rounds);
    }

    [Fact]
    public async Task A_drain_ends_while_everything_crashes()
    {
        var all = Enumerable.Range(0, Rounds).Select(_ => _node.Accept()).ToArray();
        var actors = _node.System.ActorSelection($"/user/{ActorServerNode.ActorName}/*");
        await _node.SettleAsync();
        var drained = _node.Server.DrainAsync();
        await _node.SettleAsync();
        await Duet.PlayAsync(
            Rounds,
            i =>
            {
                _node.Advance(TimeSpan.FromMilliseconds(10));
                all[i].Transport.Failure = new InvalidOperationException("A bug in a transport.");
            },
            i =>
            {
                CrashSupervisor();
                if (i % 50 == 0)
                {
                    actors.Tell(Kill.Instance);
                }
            });
        await EndCrashesAsync();
        // Whatever timer a crash has cancelled has been set again by now.
        await _node.AdvanceAsync(TimeSpan.FromSeconds(2));
        await _node.AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.All(all, static c => Assert.True(c.Transport.CloseRequested.IsCompleted, c.Id));
        await _node.ObeyAsync(all);

        var report = await drained.SoonAsync();
        Assert.Equal((Rounds, Rounds, 0, 0), (report.Initial, report.Closed, report.Aborted, report.Stragglers));
    }

    private void CrashSupervisor()
    {
        _node.Gate.Failure = new InvalidOperationException("A bug in a gate.");
        _ = _node.Server.StatusAsync();
    }

    private async Task EndCrashesAsync()
    {
        await _node.SettleAsync();
        _node.Gate.Failure = null;
        await _node.SettleAsync();
    }

    private async Task AssertAllEndAsync(VirtualConnection[] connections, long answered)
    {
        foreach (var connection in connections)
        {
            connection.Cell.Closed();
        }

        await _node.SettleAsync();
        var status = await _node.Server.StatusAsync();
        Assert.Equal(0, status.Connections.Total);
        Assert.Equal(new(Accepted: connections.Length, Closed: connections.Length, Requests: answered), status.Totals);
        Assert.All(connections, static c => Assert.False(c.IsToldToEnd()));
    }
}
