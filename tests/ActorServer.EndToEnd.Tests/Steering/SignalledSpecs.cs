using ActorServer.EndToEnd.Tests.Admin;
using ActorServer.EndToEnd.Tests.HostProcess;

namespace ActorServer.EndToEnd.Tests.Steering;

/// <summary>A process that was told to end: its operator can hasten that, and not call it off.</summary>
public sealed class SignalledSpecs
{
    [Fact]
    [Trait("Conformance", "75")]
    public async Task It_is_not_resumed_but_drained_sooner()
    {
        await using var host = await RunningHost.StartAsync(
        [
            .. RunningHost.AnyPort, .. RunningHost.Swift,
            "--ActorServer:Drain:LameDuck=1h", "--ActorServer:Drain:Budget=2h",
        ]);
        await host.SignalAsync("TERM");
        await host.ReachAsync("LameDuck");

        using var resumed = await host.PostAsync("/api/resume");
        using var suspended = await host.PostAsync("/api/suspend");
        var status = await host.ReadAsync("/api/status");
        using var sooner = await host.PostAsync("/api/drain", """{"lameDuck":"0","spread":"0"}""");

        await resumed.ProblemAsync(409, "cannot be called off", "the process ends");
        await suspended.ProblemAsync(409, "LameDuck");
        Assert.Equal(("LameDuck", "Signal"), (status.Text("phase"), status.GetProperty("drain").Text("trigger")));
        Assert.Equal(202, (int)sooner.StatusCode);
        Assert.Equal(0, await host.ExitAsync());
        await host.Output.LineAsync("0 completed, 0 aborted, 0 stragglers");
    }
}
