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
        { new(Served.Started(), EndReason.AgeAborted, true, true), EndReason.AgeAborted },
        { new(Served.Started().Upgraded(), EndReason.Aborted, true, true), EndReason.Aborted },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public void The_most_telling_fact_is_the_reason(ConnectionEnd end, EndReason reason) => Assert.Equal(reason, end.Reason);

    [Fact]
    public void Each_fact_outweighs_all_that_stand_after_it()
    {
        // The most telling first. Only a request that the application has not seen is refused, so that comes early.
        (Func<ConnectionEnd, ConnectionEnd> Add, EndReason Reason)[] facts =
        [
            (e => e with { AbortedBy = EndReason.DrainAborted }, EndReason.DrainAborted),
            (e => e with { Activity = e.Activity.Rejected() }, EndReason.Rejected),
            (e => e with { Activity = e.Activity.Refused() }, EndReason.Refused),
            (e => e with { Activity = e.Activity.Unanswered() }, EndReason.Closed),
            (e => e with { Activity = e.Activity.Aborted() }, EndReason.Failed),
            (e => e with { Activity = e.Activity.Started().Upgraded() }, EndReason.UpgradeEnded),
            (e => e with { Activity = e.Activity.Started().Ended(keepAlive: false) }, EndReason.Completed),
            (e => e with { Activity = e.Activity.Announced() }, EndReason.Completed),
            (e => e with { PeerClosed = true }, EndReason.ClientClosed),
            (e => e with { CloseRequested = true }, EndReason.Closed),
            (e => e, EndReason.ServerClosed),
        ];
        for (var first = 0; first < facts.Length; first++)
        {
            for (var also = first; also < facts.Length; also++)
            {
                Assert.Equal(facts[first].Reason, facts[also].Add(facts[first].Add(default)).Reason);
            }

            var all = facts[first..].Aggregate(default(ConnectionEnd), (end, fact) => fact.Add(end));
            Assert.Equal(facts[first].Reason, all.Reason);
        }
    }
}
