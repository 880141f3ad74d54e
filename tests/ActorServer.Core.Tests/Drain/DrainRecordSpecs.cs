using ActorServer.Core;

namespace ActorServer.Core.Tests.Drain;

public sealed class DrainRecordSpecs
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset End = Now.AddSeconds(21);
    private static readonly DrainPlan Plan
        = DrainPlan.From(new DrainOptions().Resolve(isDevelopment: false), new(DrainTrigger.Code), Now);

    [Theory]
    [InlineData(EndReason.Completed, "completed")]
    [InlineData(EndReason.UpgradeEnded, "completed")]
    [InlineData(EndReason.Refused, "completed")]
    [InlineData(EndReason.ClientClosed, "closed")]
    [InlineData(EndReason.Closed, "closed")]
    [InlineData(EndReason.Rejected, "closed")]
    [InlineData(EndReason.Failed, "closed")]
    [InlineData(EndReason.ServerClosed, "closed")]
    [InlineData(EndReason.Aborted, "aborted")]
    [InlineData(EndReason.DrainAborted, "aborted")]
    [InlineData(EndReason.AgeAborted, "aborted")]
    public void An_end_is_counted_as_what_it_was(EndReason reason, string counted)
    {
        var record = new DrainRecord(1, DrainTrigger.Api, null, Plan, Initial: 1).Count(reason);

        Assert.Equal(
            (counted == "completed" ? 1 : 0, counted == "closed" ? 1 : 0, counted == "aborted" ? 1 : 0),
            (record.Completed, record.Closed, record.Aborted));
    }

    [Fact]
    public void A_report_says_what_the_record_holds()
    {
        Blocker blocker = new("a-1", "192.0.2.1:5", ConnectionState.Active, TimeSpan.Zero, "GET", "/slow", Now);
        DrainRecord record = new(
            7, DrainTrigger.Message, "deploy", Plan,
            Initial: 9, Closed: 1, Completed: 2, Aborted: 3, Stragglers: 4, EndedAt: End);

        var report = record.Report(NodePhase.Drained, 4, [blocker]);

        Assert.Equal(("7", DrainTrigger.Message, "deploy"), (report.Id, report.Trigger, report.Reason));
        Assert.Equal(
            (Plan.StartedAt, Plan.LameDuckUntil, Plan.Deadline, End),
            (report.StartedAt, report.LameDuckUntil, report.Deadline, report.EndedAt!.Value));
        Assert.Equal(
            (9, 4, 1, 2, 3, 4),
            (report.Initial, report.Remaining, report.Closed, report.Completed, report.Aborted, report.Stragglers));
        Assert.Equal([blocker], report.Blockers);
    }

    [Fact]
    public void Every_end_is_counted_once()
    {
        var record = new DrainRecord(1, DrainTrigger.Api, null, Plan, Initial: 10);
        foreach (var reason in Enum.GetValues<EndReason>())
        {
            var counted = record.Count(reason);
            Assert.Equal(1, counted.Closed + counted.Completed + counted.Aborted);
        }
    }

    [Fact]
    public void A_report_names_the_phase_of_its_drain()
    {
        var record = new DrainRecord(1, DrainTrigger.Api, "because", Plan, Initial: 10);

        Assert.Equal(DrainPhase.LameDuck, record.Report(NodePhase.LameDuck, 1, []).Phase);
        Assert.Equal(DrainPhase.Draining, record.Report(NodePhase.Draining, 1, []).Phase);
        var ended = record with { EndedAt = End };
        Assert.Equal(DrainPhase.Drained, ended.Report(NodePhase.Drained, 1, []).Phase);
        Assert.Equal(DrainPhase.Cancelled, (ended with { IsCancelled = true }).Report(NodePhase.Serving, 1, []).Phase);
    }

    [Fact]
    public void A_drain_has_aborted_when_it_cut_anything_gone_or_not()
    {
        var record = new DrainRecord(1, DrainTrigger.Api, null, Plan, Initial: 2, Closed: 1, Completed: 1);

        Assert.False(record.Report(NodePhase.Drained, 0, []).HasAborted);
        Assert.True(record.Count(EndReason.DrainAborted).Report(NodePhase.Drained, 0, []).HasAborted);
        Assert.True((record with { Stragglers = 1 }).Report(NodePhase.Drained, 1, []).HasAborted);
    }
}
