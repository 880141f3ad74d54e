using ActorServer.DrainLab;

namespace ActorServer.EndToEnd.Tests.Lab;

/// <summary>The lab in a small size: the host's own process under load, stopped, and what its clients lost.</summary>
public sealed class LabSpecs
{
    private static readonly TimeSpan LameDuck = TimeSpan.FromMilliseconds(500);

    // The clients share the computer with all other tests: one that is held up for longer than its connection's grace finds it closed,
    // and that is no fault of the server's.
    private static readonly string[] Graces = ["--ActorServer:Drain:IdleGrace=3s", "--ActorServer:Drain:SilentGrace=5s"];

    public static TheoryData<string> Mixes => [.. Mix.All.Select(m => m.Name)];

    [Theory]
    [MemberData(nameof(Mixes))]
    public async Task A_stop_by_a_signal_loses_nothing(string mix)
        => await AssertNothingIsLostAsync(mix, Trigger.Signal);

    [Fact]
    public async Task A_drain_by_the_admin_API_loses_nothing()
        => await AssertNothingIsLostAsync("everything", Trigger.Api);

    [Fact]
    public void A_command_line_that_is_not_understood_is_refused()
    {
        Assert.Null(LabOptions.Parse(["--runs", "none"]));
        Assert.Null(LabOptions.Parse(["--mix", "unknown"]));
        Assert.Null(LabOptions.Parse(["--unknown"]));
        Assert.Equal((3, "tls"), LabOptions.Parse(["--runs", "3", "--mix", "tls"]) is { } o ? (o.Runs, o.Mixes[0].Name) : default);
    }

    private static async Task AssertNothingIsLostAsync(string name, Trigger trigger)
    {
        var mix = Mix.All.Single(m => m.Name == name);
        var result = await new LabRun(ServerKind.ActorServer, mix, Size.Small, trigger, LameDuck) { More = Graces }.RunAsync();

        Assert.True(result.IsClean, $"{result}\n{result.Output}");
        // A run in which nobody asked anything would show nothing.
        Assert.NotEqual(0, result.Tally.Answered);
    }
}
