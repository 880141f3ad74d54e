using ActorServer.Core;

namespace ActorServer.Core.Tests.Connections;

public sealed class CountsSpecs
{
    private static readonly ConnectionState[] States = Enum.GetValues<ConnectionState>();

    [Fact]
    public void A_connection_is_counted_under_its_state_and_not_at_all_when_closed()
        => Assert.All(
            States,
            state =>
            {
                var counts = default(ConnectionCounts).Add(state, 1);

                Assert.Equal(
                    States.Where(s => s != ConnectionState.Closed).Select(s => s == state ? 1 : 0),
                    [counts.New, counts.Active, counts.Idle, counts.Upgraded]);
                Assert.Equal(state == ConnectionState.Closed ? 0 : 1, counts.Total);
                Assert.Equal(default, counts.Add(state, -1));
            });

    [Fact]
    public void A_connection_that_changes_its_state_changes_the_total_only_when_it_closes()
    {
        ConnectionCounts some = new(New: 1, Active: 2, Idle: 3, Upgraded: 4);
        Assert.Equal(10, some.Total);
        var live = States.Where(s => s != ConnectionState.Closed);
        foreach (var (from, to) in from a in live from b in States select (a, b))
        {
            Assert.Equal(to == ConnectionState.Closed ? 9 : 10, some.Add(from, -1).Add(to, 1).Total);
        }
    }

    [Theory]
    [InlineData(EndReason.Rejected, 1, 0)]
    [InlineData(EndReason.Aborted, 0, 1)]
    [InlineData(EndReason.DrainAborted, 0, 1)]
    [InlineData(EndReason.Failed, 0, 1)]
    [InlineData(EndReason.ClientClosed, 0, 0)]
    [InlineData(EndReason.Completed, 0, 0)]
    [InlineData(EndReason.Closed, 0, 0)]
    [InlineData(EndReason.Refused, 0, 0)]
    [InlineData(EndReason.UpgradeEnded, 0, 0)]
    [InlineData(EndReason.ServerClosed, 0, 0)]
    public void Every_end_adds_to_the_totals(EndReason reason, int rejected, int aborted)
    {
        NodeTotals before = new(Accepted: 50, Closed: 40, Rejected: 10, Aborted: 20, Requests: 300);

        Assert.Equal(
            new NodeTotals(Accepted: 50, Closed: 41, Rejected: 10 + rejected, Aborted: 20 + aborted, Requests: 300),
            before.Count(reason));
    }
}
