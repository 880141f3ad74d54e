using System.Diagnostics;
using ActorServer.Core;
using ActorServer.TestKit;

namespace ActorServer.Actors.Tests;

/// <summary>Streams of one connection that end and start on two threads at the same moment, many times.</summary>
public sealed class ConnectionRaceSpecs : IAsyncDisposable
{
    private const int Rounds = 2000;

    private readonly VirtualNode _node = VirtualNode.Start();

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    [Trait("Conformance", "9")]
    public async Task A_stream_that_ends_while_another_starts_leaves_one_in_flight()
    {
        var connection = await _node.AcceptAsync();
        var (current, next) = (connection.Start(), new object());
        var wrong = 0;

        await Duet.PlayAsync(
            Rounds,
            left: _ => connection.End(current),
            right: _ => next = connection.Start(),
            between: _ =>
            {
                current = next;
                wrong += connection.Cell.Activity.InFlight == 1 ? 0 : 1;
            });
        await _node.SettleAsync();

        Assert.Equal(0, wrong);
        var busy = await _node.SnapshotAsync(connection);
        Assert.Equal((ConnectionState.Active, 1, (long)Rounds), (busy.State, busy.InFlight, busy.Requests));
        connection.End(current);
        await _node.SettleAsync();
        await AssertAlternatesAsync(connection, ConnectionState.Idle);
    }

    // Each news comes as soon as the one before has been published: the actor is about to go to sleep then.
    [Fact]
    public async Task No_news_is_missed_by_an_actor_that_goes_to_sleep()
    {
        const int rounds = 10_000;
        var connection = await _node.AcceptAsync();
        var missed = 0;
        for (var round = 0; round < rounds && missed == 0; round++)
        {
            var request = connection.Start();
            missed += Becomes(ConnectionState.Active) ? 0 : 1;
            connection.End(request);
            missed += Becomes(ConnectionState.Idle) ? 0 : 1;
        }

        Assert.Equal(0, missed);

        bool Becomes(ConnectionState state)
        {
            var start = Stopwatch.GetTimestamp();
            SpinWait wait = default;
            while (connection.Cell.State != state)
            {
                wait.SpinOnce(sleep1Threshold: -1);
                if (Stopwatch.GetElapsedTime(start) > VirtualNodeExtensions.WaitMax)
                {
                    return false;
                }
            }

            return true;
        }
    }

    [Fact]
    [Trait("Conformance", "9")]
    public async Task Streams_that_start_and_end_together_are_one_activity()
    {
        var connection = await _node.AcceptAsync();
        var streams = new object[2];

        // Even rounds start one stream on each thread, odd rounds end them: the count goes 0, 2, 0.
        await Duet.PlayAsync(2 * Rounds, round => Turn(round, 0), round => Turn(round, 1));
        await _node.SettleAsync();

        var idle = await _node.SnapshotAsync(connection);
        Assert.Equal((ConnectionState.Idle, 0, 2L * Rounds), (idle.State, idle.InFlight, idle.Requests));
        Assert.Equal(2L * Rounds, connection.Cell.Activity.Edges);
        await AssertAlternatesAsync(connection, ConnectionState.Idle);

        void Turn(int round, int side)
        {
            if (round % 2 == 0)
            {
                streams[side] = connection.Start();
            }
            else
            {
                connection.End(streams[side]);
            }
        }
    }

    [Fact]
    [Trait("Conformance", "9")]
    public async Task A_whole_stream_beside_one_that_lasts_changes_nothing()
    {
        var connection = await _node.AcceptAsync();
        var lasting = connection.Start();

        await Duet.PlayAsync(Rounds, _ => connection.End(connection.Start()), _ => connection.End(connection.Start()));
        connection.End(lasting);

        await _node.AssertWentAsync(connection, ConnectionState.New, ConnectionState.Active, ConnectionState.Idle);
        Assert.Equal((2 * Rounds) + 1, (await _node.SnapshotAsync(connection)).Requests);
    }

    [Fact]
    public async Task A_socket_that_ends_while_a_stream_does_is_closed_once_and_for_all()
    {
        const int connections = 1000;
        var all = new VirtualConnection[connections];
        var streams = new object[connections];
        for (var i = 0; i < connections; i++)
        {
            all[i] = _node.Accept();
            streams[i] = all[i].Start();
        }

        await Duet.PlayAsync(connections, i => all[i].End(streams[i]), i => all[i].Cell.Closed());
        await _node.Transitions.ReachAsync(ConnectionState.Closed, connections);

        foreach (var connection in all)
        {
            var states = _node.Transitions.States(connection.Id);
            Assert.Equal(ConnectionState.Closed, states[^1]);
            Assert.Single(states, ConnectionState.Closed);
            Assert.Equal(0, connection.Cell.Activity.InFlight);
        }

        await _node.SettleAsync();
        var status = await _node.Server.StatusAsync();
        Assert.Equal((0, connections), (status.Connections.Total, status.Totals.Closed));
    }

    [Fact]
    public async Task A_socket_that_ends_while_it_is_accepted_is_closed()
    {
        const int connections = 1000;
        var cells = new ConnectionCell[connections];

        // Its front end has the connection at the same moment as its actor.
        await Duet.PlayAsync(
            connections,
            i => Volatile.Write(ref cells[i], _node.Accept().Cell),
            i =>
            {
                SpinWait.SpinUntil(() => Volatile.Read(ref cells[i]) is not null);
                cells[i].Closed();
            });

        await _node.Transitions.ReachAsync(ConnectionState.Closed, connections);
        await _node.SettleAsync();
        var status = await _node.Server.StatusAsync();
        Assert.Equal((0, connections, connections), (status.Connections.Total, status.Totals.Accepted, status.Totals.Closed));
    }

    private async Task AssertAlternatesAsync(VirtualConnection connection, ConnectionState last)
    {
        var edges = (int)connection.Cell.Activity.Edges;
        await _node.Transitions.ReachAsync(connection.Id, last, (edges + 1) / 2);
        var states = _node.Transitions.States(connection.Id);
        Assert.Equal(edges + 1, states.Count);
        Assert.Equal(ConnectionState.New, states[0]);
        for (var i = 1; i < states.Count; i++)
        {
            Assert.Equal(i % 2 == 1 ? ConnectionState.Active : ConnectionState.Idle, states[i]);
        }
    }
}
