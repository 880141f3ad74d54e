using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using static ActorServer.Core.ConnectionState;

namespace ActorServer.EndToEnd.Tests;

/// <summary>The time in which a node says that it goes, and still serves everybody.</summary>
public sealed class LameDuckSpecs
{
    private static readonly DrainRequest Long = new(DrainTrigger.Code, Budget: Duration.Infinite, LameDuck: TimeSpan.FromMinutes(1));

    [Fact]
    [Trait("Conformance", "83")]
    [Trait("Conformance", "85")]
    public async Task It_is_not_ready_and_still_accepts_and_serves()
    {
        await using var server = await TestApplication.StartAsync();
        var health = server.Services.GetRequiredService<HealthCheckService>();
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync()).Status);

        await server.Server.BeginDrainAsync(Long);

        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync()).Status);
        for (var i = 1; i <= 3; i++)
        {
            await using var client = await RawClient.ConnectAsync(server.Address);
            var response = await client.GetAsync("/hello");
            Assert.Equal((200, "hello", true), (response.Status, response.Body, response.AnnouncesClose));
            Assert.Equal("", await client.ReadToEndAsync());
        }

        var status = await server.Server.StatusAsync();
        Assert.Equal((NodePhase.LameDuck, true, false), (status.Phase, status.Accepting, status.Ready));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_idle_connection_is_left_alone_and_told_with_its_next_response(bool tls)
    {
        await using var server = await TestApplication.StartAsync(configure: TestApplication.Listen(tls));
        await using var idle = await RawClient.ConnectAsync(server.Address);
        await using var other = await RawClient.ConnectAsync(server.Address);
        await idle.GetAsync("/hello");
        await other.GetAsync("/hello");
        await server.Transitions.ReachAsync(Idle, 2);

        await server.Server.BeginDrainAsync(Long);
        await server.HeardAsync();
        var response = await idle.GetAsync("/hello");

        Assert.Equal((200, "hello", true), (response.Status, response.Body, response.AnnouncesClose));
        Assert.Equal("", await idle.ReadToEndAsync());
        await server.Transitions.ReachAsync(Closed);
        await server.HeardAsync();
        var left = Assert.Single((await server.Server.ConnectionsAsync()).Items);
        Assert.Equal((Idle, true, other.LocalEnd), (left.State, left.Draining, left.Peer));
    }

    [Fact]
    public async Task A_response_that_has_not_begun_is_told_although_its_request_came_before()
    {
        Held held = new();
        await using var server = await TestApplication.StartAsync(held);
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendGetAsync("/held");
        await held.EnteredAsync();

        await server.Server.BeginDrainAsync(Long);
        await server.HeardAsync();
        held.Release();

        var response = await client.ReadResponseAsync();
        Assert.Equal(("held", true), (response.Body, response.AnnouncesClose));
        var end = await server.EndOfTheOnlyConnectionAsync(New, Active, Closed);
        Assert.Equal(EndReason.Completed, end.EndReason);
    }

    [Fact]
    public async Task It_is_waited_out_although_nobody_is_connected()
    {
        await using var server = await TestApplication.StartAsync();

        var report = await server.Server.DrainAsync(
            new(DrainTrigger.Code, Budget: TimeSpan.FromMinutes(1), LameDuck: TimeSpan.FromMilliseconds(300)));

        Assert.Equal(TimeSpan.FromMilliseconds(300), report.LameDuckUntil - report.StartedAt);
        Assert.True(report.EndedAt >= report.LameDuckUntil);
    }

    [Fact]
    public async Task In_the_sweep_after_it_the_longest_idle_goes_first()
    {
        const int count = 10;
        await using var server = await TestApplication.StartAsync(drain: d => d.Spread = TimeSpan.FromMilliseconds(500));
        List<RawClient> clients = [];
        List<string> ids = [];
        for (var i = 1; i <= count; i++)
        {
            clients.Add(await RawClient.ConnectAsync(server.Address));
            await clients[^1].GetAsync("/hello");
            ids.Add((await server.Transitions.ReachAsync(Idle, i))[^1]);
        }

        var report = await server.Server.DrainAsync();

        Assert.Equal((count, count), (report.Initial, report.Closed));
        // Neighbours' turns may fall together, by the jitter: the exact order is shown in virtual time.
        List<string> closed = [.. await server.Transitions.ReachAsync(Closed, count)];
        Assert.All(ids, id => Assert.InRange(closed.IndexOf(id), ids.IndexOf(id) - 2, ids.IndexOf(id) + 2));
        foreach (var client in clients)
        {
            Assert.Equal("", await client.ReadToEndAsync());
            await client.DisposeAsync();
        }
    }
}
