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
    public void Whatever_drains_are_joined_the_instants_stay_in_order_and_nothing_comes_later()
    {
        foreach (var (first, second) in from a in Plans(Now) from b in Plans(At(1)) select (a, b))
        {
            var joined = first.Join(second, extend: false);
            var extended = first.Join(second, extend: true);

            AssertInOrder(joined);
            AssertInOrder(extended);
            var later = Later(first.Deadline, second.Deadline);
            Assert.Equal(later == first.Deadline ? second.Deadline : first.Deadline, joined.Deadline);
            Assert.Equal(later, extended.Deadline);
            Assert.True(joined.LameDuckUntil <= first.LameDuckUntil && joined.LameDuckUntil <= second.LameDuckUntil);
            Assert.True(joined.Spread <= first.Spread && joined.Spread <= second.Spread);
            Assert.Equal(first.StartedAt, joined.StartedAt);
            Assert.Equal(first.LameDuckUntil, extended.LameDuckUntil);
        }
    }

    [Fact]
    [Trait("Conformance", "71")]
    public void A_plan_joined_to_itself_is_itself()
        => Assert.All(
            Plans(Now),
            p =>
            {
                Assert.Equal(p, p.Join(p, extend: false));
                Assert.Equal(p, p.Join(p, extend: true));
            });

    [Fact]
    [Trait("Conformance", "75")]
    public void A_drain_without_a_budget_joined_to_another_cuts_now()
    {
        var second = DrainPlan.From(Defaults, new(DrainTrigger.Signal, Duration.Zero), At(3));

        var joined = Plan(20).Join(second, extend: false);

        Assert.Equal((At(3), At(3), At(3)), (joined.LameDuckUntil, joined.AbortAt!.Value, joined.Deadline!.Value));
    }

    private static void AssertInOrder(DrainPlan plan)
    {
        var spread = plan.Spread.IsInfinite ? TimeSpan.Zero : plan.Spread.Value;
        var inOrder = plan.StartedAt <= plan.LameDuckUntil
            && (plan is { AbortAt: null, Deadline: null, EndAt: null }
                || (plan.LameDuckUntil + spread <= plan.AbortAt
                    && plan.AbortAt <= plan.Deadline && plan.Deadline <= plan.EndAt));
        if (!inOrder)
        {
            Assert.Fail($"Out of order: {plan}");
        }
    }

    // Null is never, and never is the latest.
    private static DateTimeOffset? Later(DateTimeOffset? a, DateTimeOffset? b)
        => a is null || b is null ? null : a > b ? a : b;

    private static IEnumerable<DrainPlan> Plans(DateTimeOffset now)
    {
        Duration[] lengths = [Duration.Zero, Seconds(0.3), Seconds(2), Seconds(5), Seconds(22), Duration.Infinite];
        return from budget in lengths
               from lameDuck in lengths
               where !lameDuck.IsInfinite
               from spread in lengths
               select DrainPlan.From(Defaults, new(DrainTrigger.Code, budget, lameDuck, spread), now);
    }

    private static DrainPlan Plan(double? budget)
        => DrainPlan.From(
            Defaults, new(DrainTrigger.Code, budget is { } seconds ? Seconds(seconds) : Duration.Infinite), Now);

    private static DateTimeOffset At(double seconds) => Now + Seconds(seconds);

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
