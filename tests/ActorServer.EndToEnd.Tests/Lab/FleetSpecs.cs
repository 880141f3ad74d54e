using ActorServer.DrainLab;

namespace ActorServer.EndToEnd.Tests.Lab;

/// <summary>A cluster of three nodes behind a real HAProxy: each drained, resumed, told to leave, stopped and started while clients ask.</summary>
public sealed class FleetSpecs
{
    [HaproxyFact]
    [Trait("Conformance", "119")]
    [Trait("Conformance", "122")]
    public async Task Nobody_behind_a_balancer_notices_that_nodes_come_and_go()
    {
        var result = await new FleetRun(rounds: 1, clients: 8, lameDuck: TimeSpan.FromMilliseconds(500)).RunAsync();

        Assert.True(result.IsClean, result.ToString());
        Assert.NotEqual(0, result.Answered);
        Assert.Equal((9, 6), (result.Verbs.Count, result.Exits.Count));
    }
}

/// <summary>A test that needs HAProxy: it fails without it where the variable CI is set, and is left out elsewhere.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class HaproxyFactAttribute : FactAttribute
{
    public HaproxyFactAttribute()
    {
        if (Balancer.Program is null && Environment.GetEnvironmentVariable("CI") is null)
        {
            Skip = "There is no HAProxy on the PATH: apt-get install haproxy.";
        }
    }
}
