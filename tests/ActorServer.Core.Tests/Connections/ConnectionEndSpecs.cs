using ActorServer.Core;

namespace ActorServer.Core.Tests.Connections;

public sealed class ConnectionEndSpecs
{
    private static readonly Activity Served = default(Activity).Started().Ended(keepAlive: true);

    public static TheoryData<ConnectionEnd, EndReason> Ends => new()
    {
        { new(Served, null, CloseRequested: false, PeerClosed: true), EndReason.ClientClosed },
        { new(Served, null, CloseRequested: true, PeerClosed: false), EndReason.Closed },
        { new(Served, null, CloseRequested: true, PeerClosed: true), EndReason.ClientClosed },
        { new(Served, null, CloseRequested: false, PeerClosed: false), EndReason.ServerClosed },
        { new(Served.Started().Ended(keepAlive: false), null, false, true), EndReason.Completed },
        { new(Served.Announced(), null, true, true), EndReason.Completed },
        { new(default(Activity).Refused(), null, false, true), EndReason.Refused },
        { new(default(Activity).Rejected(), null, false, false), EndReason.Rejected },
        { new(Served.Started().Aborted(), null, false, false), EndReason.Failed },
        { new(Served.Started().Upgraded(), null, false, true), EndReason.UpgradeEnded },
        { new(Served.Started().Upgraded().Unanswered(), null, true, true), EndReason.Closed },
        { new(Served.Started().Aborted(), EndReason.DrainAborted, true, true), EndReason.DrainAborted },
        { new(Served.Started().Upgraded(), EndReason.Aborted, true, true), EndReason.Aborted },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public void The_most_telling_fact_is_the_reason(ConnectionEnd end, EndReason reason) => Assert.Equal(reason, end.Reason);

    [Fact]
    public void A_connection_is_counted_under_its_state_and_not_at_all_when_closed()
    {
        var counts = Enum.GetValues<ConnectionState>().Aggregate(default(ConnectionCounts), (c, s) => c.Add(s, 2));

        Assert.Equal(new ConnectionCounts(2, 2, 2, 2), counts);
        Assert.Equal(8, counts.Total);
        Assert.Equal(7, counts.Add(ConnectionState.Idle, -1).Total);
    }
}
