using ActorServer.DrainLab;
using ActorServer.TestKit;

namespace ActorServer.EndToEnd.Tests.Lab;

/// <summary>A node that is killed while it drains takes nobody along: those that are left serve, drain, stop, and know what has become of it.</summary>
public sealed class KilledNodeSpecs : IAsyncLifetime, IDisposable
{
    // At ten a second: longer than a cluster that gives up what it cannot reach waits before it does.
    private const int AnswersOfHalfAMinute = 350;

    private readonly CancellationTokenSource _patience = new(TimeSpan.FromSeconds(180));
    private readonly Fleet _fleet = Fleet.OfThree(
        "--ActorServer:Drain:LameDuck=0", "--ActorServer:Drain:Spread=0", "--ActorServer:Drain:IdleGrace=3s");

    public Task InitializeAsync() => _fleet.StartAsync(_patience.Token);

    public async Task DisposeAsync() => await _fleet.DisposeAsync();

    public void Dispose() => _patience.Dispose();

    [Fact]
    [Trait("Conformance", "124")]
    [Trait("Conformance", "125")]
    public async Task A_node_killed_in_its_drain_takes_nobody_along_and_comes_back()
    {
        var (killed, second, third) = (_fleet.Nodes[0], _fleet.Nodes[1], _fleet.Nodes[2]);
        await using SteadyClient ofSecond = new(second.Application);
        await using SteadyClient ofThird = new(third.Application);
        await using var busy = await RawClient.ConnectAsync(killed.Application);
        await busy.SendGetAsync("/slow?ms=60000");
        await ofSecond.AnsweredAsync(1, _patience.Token);
        await ofThird.AnsweredAsync(1, _patience.Token);

        // By another node, which follows it.
        var followed = second.CtlAsync(["drain", "--wait", "--on", killed.Name, "--budget", "10m"], _patience.Token);
        await _fleet.PhaseAsync(third, killed, "Draining", _patience.Token);
        Assert.Equal(1, await TotalAsync(third, killed));
        await killed.KillAsync(_patience.Token);

        var end = await followed;
        Assert.Equal(2, end.Code);
        // Lost, or not found: which of them it hears first is left to chance.
        Assert.Contains("ode node1 ", end.Errors, StringComparison.Ordinal);
        var missing = $"No node node1 is found, and 1 of the cluster's 3 members cannot be reached: akka.tcp://ActorServer@{killed.Remoting}.";
        await _fleet.RefusesAsync(second, killed.Name, missing, _patience.Token);
        await _fleet.RefusesAsync(third, killed.Name, missing, _patience.Token);

        await Task.WhenAll(ofSecond.AnsweredAsync(AnswersOfHalfAMinute, _patience.Token), ofThird.AnsweredAsync(AnswersOfHalfAMinute, _patience.Token));
        foreach (var (asked, about) in (ValueTuple<FleetNode, FleetNode>[])[(second, second), (second, third), (third, third), (third, second)])
        {
            await AssertUntouchedAsync(asked, about);
        }

        await _fleet.RefusesAsync(second, killed.Name, missing, _patience.Token);

        // Who is missing holds up nobody's drain …
        var drained = await second.CtlAsync(["drain", "--wait", "--on", third.Name], _patience.Token);
        Assert.True(drained.Code == 0, drained.ToString());
        Assert.Equal("Drained", (await _fleet.StatusAsync(second, third, _patience.Token)).GetProperty("phase").GetString());
        await AssertUntouchedAsync(third, second);
        // … nor stop.
        Assert.Equal(0, await third.StopAsync(_patience.Token));
        await AssertUntouchedAsync(second, second);

        await _fleet.StartAsync(killed);
        await _fleet.StartAsync(third);
        await _fleet.KnowEachOtherAsync(_fleet.Nodes, _patience.Token);
        Assert.Equal(0, await TotalAsync(second, killed));
        await ofSecond.AnsweredAsync(1, _patience.Token);
        await AssertUntouchedAsync(killed, second);
    }

    private async Task<int> TotalAsync(FleetNode asked, FleetNode about)
        => (await _fleet.StatusAsync(asked, about, _patience.Token)).GetProperty("connections").GetProperty("total").GetInt32();

    // It has its one connection, and has had no other.
    private async Task AssertUntouchedAsync(FleetNode asked, FleetNode about)
    {
        var status = await _fleet.StatusAsync(asked, about, _patience.Token);
        Assert.Equal("Serving", status.GetProperty("phase").GetString());
        Assert.Equal(1, status.GetProperty("connections").GetProperty("total").GetInt32());
        var totals = status.GetProperty("totals");
        Assert.Equal((1, 0, 0), (totals.GetProperty("accepted").GetInt32(), totals.GetProperty("closed").GetInt32(), totals.GetProperty("aborted").GetInt32()));
    }
}
