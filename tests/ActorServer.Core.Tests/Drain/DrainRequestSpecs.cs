using ActorServer.Core;

namespace ActorServer.Core.Tests.Drain;

public sealed class DrainRequestSpecs
{
    [Theory]
    [InlineData(DrainTrigger.Signal, true)]
    [InlineData(DrainTrigger.Host, true)]
    [InlineData(DrainTrigger.ClusterLeave, true)]
    [InlineData(DrainTrigger.Api, false)]
    [InlineData(DrainTrigger.Message, false)]
    [InlineData(DrainTrigger.Code, false)]
    public void A_drain_that_ends_with_the_process_is_binding(DrainTrigger trigger, bool binding)
        => Assert.Equal(binding, new DrainRequest(trigger).IsBinding);

    [Fact]
    public void A_drain_that_asks_for_nothing_has_no_problem() => Assert.Null(new DrainRequest(DrainTrigger.Code).Problem);

    [Fact]
    public void A_drain_may_ask_for_what_the_configuration_may()
    {
        var tick = TimeSpan.FromTicks(1);
        Duration[] lengths =
        [
            Duration.Zero, TimeSpan.FromHours(1), TimeSpan.FromHours(1) + tick, TimeSpan.FromDays(7), TimeSpan.FromDays(7) + tick,
            TimeSpan.MaxValue, Duration.Infinite,
        ];
        foreach (var length in lengths)
        {
            AssertSame("Budget", length, new(DrainTrigger.Code, Budget: length));
            AssertSame("LameDuck", length, new(DrainTrigger.Code, LameDuck: length));
            AssertSame("Spread", length, new(DrainTrigger.Code, Spread: length));
        }
    }

    private static void AssertSame(string part, Duration length, DrainRequest request)
    {
        var setting = ActorServerSettings.Table.Settings.Single(s => s.Key == $"Drain:{part}");

        Assert.Equal(setting.TryApply(new(), length.ToString()), request.Problem is null);
        if (request.Problem is { } problem)
        {
            Assert.StartsWith($"{part} cannot be {length}", problem, StringComparison.OrdinalIgnoreCase);
            Assert.Contains(setting.Allowed, problem, StringComparison.Ordinal);
        }
    }
}
