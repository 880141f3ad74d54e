using ActorServer.Core;
using ActorServer.TestKit;

namespace ActorServer.Actors.Tests;

/// <summary>A drain that begins while its connections are busy, many times over.</summary>
public sealed class DrainRaceSpecs : IAsyncDisposable
{
    private readonly VirtualNode _node = VirtualNode.Start(new()
    {
        LameDuck = Duration.Zero,
        Spread = Duration.Zero,
        IdleGrace = Duration.Zero,
    });

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    // Between two looks of the supervisor a connection may become active or idle; it is told all the same.
    [Fact]
    [Trait("Conformance", "24")]
    public async Task No_connection_is_forgotten_because_it_turned_while_the_drain_told_all()
    {
        const int drains = 10;
        const int connections = 200;
        for (var drain = 0; drain < drains; drain++)
        {
            var all = Enumerable.Range(0, connections).Select(_ => _node.Accept()).ToList();
            await _node.SettleAsync();
            Traffic traffic = new(all);
            await traffic.Running.SoonAsync();

            await _node.Server.BeginDrainAsync();
            _node.Advance(TimeSpan.Zero);
            await _node.Server.StatusAsync();
            await traffic.EndAsync();
            await _node.AdvanceAsync(TimeSpan.FromSeconds(1));

            Assert.All(all, c => Assert.True(c.Transport.CloseRequested.IsCompleted, $"{c.Id} in drain {drain} is {c.Cell.State}"));
            await _node.ObeyAsync(all);
            Assert.Equal(connections, (await _node.Server.WhenDrained.SoonAsync()).Closed);
            await _node.Server.ResumeAsync();
        }

        Assert.Equal(drains * connections, (await _node.Server.StatusAsync()).Totals.Closed);
    }

    [Fact]
    [Trait("Conformance", "103")]
    public async Task Ends_that_follow_hard_upon_other_news_are_counted_once()
    {
        const int connections = 5000;
        for (var i = 0; i < connections; i++)
        {
            var connection = _node.Accept();
            connection.Start();
            connection.Cell.Closed();
        }

        await _node.SettleAsync();
        var status = await _node.Server.StatusAsync();
        Assert.Equal((0, new NodeTotals(connections, connections)), (status.Connections.Total, status.Totals));
    }

    /// <summary>A quarter of the connections is busy at every moment, each for a moment only.</summary>
    private sealed class Traffic
    {
        private readonly TaskCompletionSource _running = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly IReadOnlyList<VirtualConnection> _connections;
        private readonly Task _done;
        private volatile bool _stop;

        public Traffic(IReadOnlyList<VirtualConnection> connections)
        {
            _connections = connections;
            _done = Task.Factory.StartNew(Run, TaskCreationOptions.LongRunning);
        }

        /// <summary>Completes when every connection has had a request.</summary>
        public Task Running => _running.Task;

        public Task EndAsync()
        {
            _stop = true;
            return _done.SoonAsync();
        }

        private void Run()
        {
            Queue<(VirtualConnection Connection, object Request)> busy = [];
            for (var i = 0; !_stop; i++)
            {
                var next = _connections[i % _connections.Count];
                busy.Enqueue((next, next.Start()));
                if (busy.Count > _connections.Count / 4)
                {
                    End();
                }

                if (i == _connections.Count)
                {
                    _running.SetResult();
                }
            }

            while (busy.Count > 0)
            {
                End();
            }

            void End()
            {
                var (connection, request) = busy.Dequeue();
                connection.End(request);
            }
        }
    }
}
