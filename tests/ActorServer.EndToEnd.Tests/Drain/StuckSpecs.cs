using ActorServer.Actors;
using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ActorServer.EndToEnd.Tests.Drain;

/// <summary>An actor that is stuck holds up neither the others' work nor the stop.</summary>
public sealed class StuckSpecs : IDisposable
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(25);

    private readonly Held _held = new();

    public void Dispose() => _held.Release();

    [Fact]
    [Trait("Conformance", "121")]
    public async Task A_connections_actor_that_is_stuck_does_not_block_the_stop_and_pending_work_is_done()
    {
        await using var server = await TestApplication.StartAsync(
            _held,
            // What the actor system's end is waited for is the host's patience, for it cannot end before its actors.
            configure: builder => builder.Services.Configure<HostOptions>(static o => o.ShutdownTimeout = TimeSpan.FromSeconds(6)),
            drain: d =>
            {
                d.Budget = TimeSpan.FromSeconds(3);
                d.AbortWait = TimeSpan.FromMilliseconds(500);
                d.ExitWait = TimeSpan.FromSeconds(1);
            });
        using var hold = server.Hold(ConnectionState.Active);
        await using var stuck = await server.ConnectAsync();
        await stuck.SendGetAsync("/hello");
        var id = await hold.EnteredAsync();
        // No request waits for an actor.
        Assert.Equal("hello", (await stuck.ReadResponseAsync()).Body);
        await using var pending = await server.ConnectAsync();
        await pending.SendGetAsync("/held");
        var other = await server.IdOfAsync(pending);

        var stopped = server.StopAsync();
        await server.Transitions.ReachAsync(NodePhase.Draining);
        // Once the supervisor has answered, and the actor is found, it has heard of the drain.
        await server.Server.StatusAsync();
        await server.System.ActorSelection($"/user/{ActorServerNode.ActorName}/{other}").ResolveOne(WaitMax);
        _held.Release();

        var answer = await pending.ReadResponseAsync();
        Assert.Equal("held", answer.Body);
        Assert.True(answer.AnnouncesClose);
        // Nobody has let it go: the hold lasts longer than this wait.
        await stopped.WaitAsync(WaitMax);
        var report = await server.Server.WhenDrained;
        Assert.Equal((1, 1), (report.Completed, report.Stragglers));
        Assert.Equal(id, Assert.Single(report.Blockers).Id);
    }
}
