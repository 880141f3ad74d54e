using System.Net;
using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ActorServer.EndToEnd.Tests.Admin;

public sealed class HealthSpecs
{
    [Theory]
    [InlineData("GET", "/livez")]
    [InlineData("GET", "/readyz")]
    [InlineData("HEAD", "/livez")]
    [InlineData("HEAD", "/readyz")]
    public async Task A_started_node_is_alive_and_ready(string method, string path)
    {
        await using var site = await AdminSite.StartAsync();

        using var answer = await site.SendAsync(new(method), path);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    [Trait("Conformance", "83")]
    [Trait("Conformance", "85")]
    public async Task Not_ready_from_the_moment_a_drain_is_accepted_while_connections_are_still_served()
    {
        await using var site = await AdminSite.StartAsync();
        var (old, id) = await site.IdleAsync();
        await using var _ = old;

        using var drain = await site.PostAsync("/api/drain", """{"lameDuck":"1h","budget":"infinite"}""");
        using var ready = await site.GetAsync("/readyz");

        Assert.Equal(HttpStatusCode.Accepted, drain.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("LameDuck", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await using var young = await site.ConnectAsync();
        foreach (var client in (RawClient[])[old, young])
        {
            var served = await client.GetAsync("/hello");
            Assert.Equal(200, served.Status);
            Assert.Equal("hello", served.Body);
            Assert.True(served.AnnouncesClose);
        }

        Assert.Equal("LameDuck", (await site.ReadAsync("/api/status")).Text("phase"));
    }

    [Fact]
    [Trait("Conformance", "85")]
    public async Task The_applications_own_port_says_the_same()
    {
        await using var site = await AdminSite.StartAsync();
        await using var balancer = await site.ConnectAsync();

        var before = await balancer.GetAsync("/readyz");
        using var drain = await site.PostAsync("/api/drain", """{"lameDuck":"1h","budget":"infinite"}""");
        var after = await balancer.GetAsync("/readyz");

        Assert.Equal((200, "Healthy"), (before.Status, before.Body));
        Assert.Equal((503, "Unhealthy"), (after.Status, after.Body));
    }

    [Theory]
    [InlineData("ready", HealthStatus.Unhealthy, 503, "not ready: database: no connection\n")]
    [InlineData("ready", HealthStatus.Degraded, 200, "ready\n")]
    [InlineData("live", HealthStatus.Unhealthy, 200, "ready\n")]
    public async Task A_check_of_the_application_has_its_say_when_it_is_tagged_ready(
        string tag, HealthStatus status, int expected, string says)
    {
        await using var site = await AdminSite.StartAsync(configure: builder => builder.Services.AddHealthChecks()
            .AddCheck("database", () => new HealthCheckResult(status, "no connection"), [tag]));

        using var answer = await site.GetAsync("/readyz");

        Assert.Equal(expected, (int)answer.StatusCode);
        Assert.Equal(says, await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_check_that_throws_is_not_ready_and_says_why()
    {
        await using var site = await AdminSite.StartAsync(configure: builder => builder.Services.AddHealthChecks()
            .AddCheck("database", () => throw new InvalidOperationException("no route"), ["ready"]));

        using var answer = await site.GetAsync("/readyz");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("not ready: database: no route\n", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_drained_node_is_alive_and_says_why_it_is_not_ready()
    {
        await using var site = await AdminSite.StartAsync();

        await site.Server.DrainAsync(new(DrainTrigger.Code));
        using var live = await site.GetAsync("/livez");
        using var ready = await site.GetAsync("/readyz");

        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.StartsWith(
            "not ready: actor-server: The node ", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
