using ActorServer.DrainLab;

namespace ActorServer.EndToEnd.Tests.Lab;

/// <summary>Three nodes behind a real HAProxy, each drained, resumed, stopped and started while clients ask.</summary>
public sealed class FleetSpecs
{
    [HaproxyFact]
    public async Task Nobody_behind_a_balancer_notices_that_nodes_come_and_go()
    {
        var result = await new FleetRun(rounds: 1, clients: 8, lameDuck: TimeSpan.FromSeconds(1)).RunAsync();

        Assert.True(result.IsClean, result.ToString());
        Assert.NotEqual(0, result.Answered);
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
