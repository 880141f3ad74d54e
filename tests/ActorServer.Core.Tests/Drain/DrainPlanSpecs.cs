using ActorServer.Core;

namespace ActorServer.Core.Tests.Drain;

public sealed class DrainPlanSpecs
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DrainSettings Defaults = new DrainOptions().Resolve(isDevelopment: false);

    [Fact]
    public void The_defaults_fit_into_their_budget()
    {
        var plan = DrainPlan.From(Defaults, new(DrainTrigger.Code), Now);

        Assert.Equal(new DrainPlan(Now, At(5), Seconds(2), At(20), At(22)), plan);
        Assert.Equal(new Duration(Seconds(28)), Defaults.Total);
    }

    [Fact]
    public void In_development_nothing_is_waited_for()
    {
        var settings = new DrainOptions().Resolve(isDevelopment: true);

        Assert.Equal((Duration.Zero, Duration.Zero), (settings.LameDuck, settings.Spread));
    }

    [Theory]
    [InlineData(8, 4, 2, 2)]
    [InlineData(4, 0, 2, 2)]
    [InlineData(3, 0, 1.5, 1.5)]
    [InlineData(1, 0, 0.5, 0.5)]
    [InlineData(0, 0, 0, 0)]
    public void A_small_budget_shrinks_the_lame_duck_then_the_spread_then_the_wait_for_the_aborted(
        double budget, double lameDuck, double spread, double abortWait)
    {
        var plan = DrainPlan.From(Defaults, new(DrainTrigger.Code, Budget: Seconds(budget)), Now);

        Assert.Equal(At(lameDuck), plan.LameDuckUntil);
        Assert.Equal(new Duration(Seconds(spread)), plan.Spread);
        Assert.Equal(Seconds(abortWait), plan.Deadline - plan.AbortAt);
        Assert.Equal(At(budget), plan.Deadline);
    }

    [Fact]
    public void The_instants_are_in_order_whatever_is_asked_for()
    {
        double[] seconds = [0, 0.1, 0.9, 1, 2, 3, 5, 8, 22, 600];
        foreach (var (budget, lameDuck, spread) in from b in seconds from l in seconds from s in seconds select (b, l, s))
        {
            var plan = DrainPlan.From(
                Defaults, new(DrainTrigger.Code, Seconds(budget), Seconds(lameDuck), Seconds(spread)), Now);

            Assert.True(plan.StartedAt <= plan.LameDuckUntil);
            Assert.True(plan.LameDuckUntil + plan.Spread.Value <= plan.AbortAt);
            Assert.True(plan.AbortAt <= plan.Deadline);
            Assert.True(plan.EndAt >= plan.AbortAt + DrainPlan.AbortEcho);
        }
    }

    [Fact]
    [Trait("Conformance", "63")]
    public void An_infinite_budget_has_no_deadline()
    {
        var plan = DrainPlan.From(Defaults, new(DrainTrigger.Code, Duration.Infinite), Now);

        Assert.Equal((null, null, null), (plan.AbortAt, plan.Deadline, plan.EndAt));
        Assert.Equal(At(5), plan.LameDuckUntil);
    }

    [Fact]
    [Trait("Conformance", "91")]
    public void An_infinite_spread_takes_nothing_from_the_lame_duck()
    {
        var plan = DrainPlan.From(Defaults, new(DrainTrigger.Code, Seconds(6), Spread: Duration.Infinite), Now);

        Assert.True(plan.Spread.IsInfinite);
        Assert.Equal(At(4), plan.LameDuckUntil);
    }

    [Fact]
    [Trait("Conformance", "68")]
    public void A_second_drain_shortens_and_never_lengthens_unless_it_says_so()
    {
        var first = Plan(20);

        Assert.Equal(At(10), first.Join(Plan(10), extend: false).Deadline);
        Assert.Equal(At(20), first.Join(Plan(30), extend: false).Deadline);
        Assert.Equal(At(20), first.Join(Plan(null), extend: false).Deadline);
        Assert.Equal(At(30), first.Join(Plan(30), extend: true).Deadline);
        Assert.Equal(At(20), first.Join(Plan(10), extend: true).Deadline);
        Assert.Null(first.Join(Plan(null), extend: true).Deadline);
        Assert.Null(Plan(null).Join(first, extend: true).Deadline);
        Assert.Equal(At(20), Plan(null).Join(first, extend: false).Deadline);
    }

    [Fact]
    [Trait("Conformance", "67")]
    public void What_a_drain_says_wins_over_the_options()
    {
        var plan = DrainPlan.From(Defaults, new(DrainTrigger.Code, Seconds(60), Seconds(1), Seconds(3)), Now);

        Assert.Equal((At(1), new Duration(Seconds(3)), At(60)), (plan.LameDuckUntil, plan.Spread, plan.Deadline!.Value));
    }

    [Fact]
    public void Every_end_is_counted_once()
    {
        var record = new DrainRecord(1, DrainTrigger.Api, null, Plan(20), Initial: 10);
        foreach (var reason in Enum.GetValues<EndReason>())
        {
            var counted = record.Count(reason);
            Assert.Equal(1, counted.Closed + counted.Completed + counted.Aborted);
        }

        Assert.Equal(1, record.Count(EndReason.DrainAborted).Aborted);
        Assert.Equal(1, record.Count(EndReason.Completed).Completed);
        Assert.Equal(1, record.Count(EndReason.Closed).Closed);
    }

    [Fact]
    public void A_report_names_the_phase_of_its_drain()
    {
        var record = new DrainRecord(1, DrainTrigger.Api, "because", Plan(20), Initial: 10);

        Assert.Equal(DrainPhase.LameDuck, record.Report(NodePhase.LameDuck, 1, []).Phase);
        Assert.Equal(DrainPhase.Draining, record.Report(NodePhase.Draining, 1, []).Phase);
        Assert.Equal(DrainPhase.Drained, (record with { EndedAt = Now }).Report(NodePhase.Drained, 1, []).Phase);
        Assert.Equal(DrainPhase.Cancelled, (record with { EndedAt = Now, IsCancelled = true }).Report(NodePhase.Serving, 1, []).Phase);
        Assert.True((record with { Stragglers = 1 }).Report(NodePhase.Drained, 1, []).HasAborted);
        Assert.False(record.Report(NodePhase.Drained, 1, []).HasAborted);
    }

    private static DrainPlan Plan(double? budget)
        => DrainPlan.From(
            Defaults, new(DrainTrigger.Code, budget is { } seconds ? Seconds(seconds) : Duration.Infinite), Now);

    private static DateTimeOffset At(double seconds) => Now + Seconds(seconds);

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
