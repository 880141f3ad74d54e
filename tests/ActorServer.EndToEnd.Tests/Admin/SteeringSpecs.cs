using System.Net;
using System.Net.Sockets;
using ActorServer.Actors;
using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace ActorServer.EndToEnd.Tests.Admin;

public sealed class SteeringSpecs
{
    [Fact]
    [Trait("Conformance", "82")]
    public async Task Resume_calls_a_drain_off_and_says_so()
    {
        await using var site = await AdminSite.StartAsync();
        var (client, _) = await site.IdleAsync();
        await using var __ = client;
        using var drain = await site.PostAsync("/api/drain", """{"lameDuck":"1h","budget":"infinite"}""");

        using var resumed = await site.PostAsync("/api/resume");
        var status = await resumed.JsonAsync(HttpStatusCode.OK);
        using var ready = await site.GetAsync("/readyz");
        var served = await client.GetAsync("/hello");

        Assert.Equal("Serving", status.Text("phase"));
        Assert.True(status.GetProperty("ready").GetBoolean());
        Assert.Equal("Cancelled", status.GetProperty("drain").Text("phase"));
        Assert.Equal("Cancelled", (await site.ReadAsync("/api/drain")).Text("phase"));
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        Assert.Equal((200, false), (served.Status, served.AnnouncesClose));
    }

    [Fact]
    [Trait("Conformance", "82")]
    public async Task A_drained_node_serves_again_on_the_same_port()
    {
        await using var site = await AdminSite.StartAsync();
        await site.Server.DrainAsync(new(DrainTrigger.Api));
        await Assert.ThrowsAsync<SocketException>(site.ConnectAsync);

        using var resumed = await site.PostAsync("/api/resume");
        await using var client = await site.ConnectAsync();

        Assert.Equal(HttpStatusCode.OK, resumed.StatusCode);
        Assert.Equal("hello", (await client.GetAsync("/hello")).Body);
        using var second = await site.PostAsync("/api/drain", """{"lameDuck":"1h"}""");
        Assert.Equal("2", (await second.JsonAsync(HttpStatusCode.Accepted)).Text("id"));
    }

    [Fact]
    [Trait("Conformance", "101")]
    public async Task Suspend_closes_the_ports_and_no_connection_until_it_is_resumed()
    {
        await using var site = await AdminSite.StartAsync();
        var (client, _) = await site.IdleAsync();
        await using var __ = client;

        using var suspended = await site.PostAsync("/api/suspend");
        var status = await suspended.JsonAsync(HttpStatusCode.OK);
        using var again = await site.PostAsync("/api/suspend");
        using var ready = await site.GetAsync("/readyz");
        var served = await client.GetAsync("/hello");

        Assert.Equal("Serving", status.Text("phase"));
        Assert.Equal(
            (false, false), (status.GetProperty("accepting").GetBoolean(), status.GetProperty("ready").GetBoolean()));
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal((200, false), (served.Status, served.AnnouncesClose));

        using var resumed = await site.PostAsync("/api/resume");
        Assert.True((await resumed.JsonAsync(HttpStatusCode.OK)).GetProperty("accepting").GetBoolean());
        await using var young = await site.ConnectAsync();
        Assert.Equal("hello", (await young.GetAsync("/hello")).Body);
    }

    [Fact]
    public async Task Resume_and_suspend_do_nothing_where_there_is_nothing_to_do()
    {
        await using var site = await AdminSite.StartAsync();

        using var resumed = await site.PostAsync("/api/resume");
        var serving = await resumed.JsonAsync(HttpStatusCode.OK);
        using var drain = await site.PostAsync("/api/drain", """{"lameDuck":"1h"}""");
        using var suspended = await site.PostAsync("/api/suspend");

        Assert.Equal("Serving", serving.Text("phase"));
        await suspended.ProblemAsync(409, "LameDuck");
    }

    [Theory]
    [InlineData(DrainTrigger.Signal)]
    [InlineData(DrainTrigger.Host)]
    [InlineData(DrainTrigger.ClusterLeave)]
    public async Task What_ends_the_process_cannot_be_called_off(DrainTrigger trigger)
    {
        await using var site = await AdminSite.StartAsync();
        await site.Server.BeginDrainAsync(new(trigger, LameDuck: TimeSpan.FromHours(1), Budget: Duration.Infinite));

        using var resumed = await site.PostAsync("/api/resume");

        await resumed.ProblemAsync(409, "cannot be called off", "the process ends");
        Assert.Equal("LameDuck", (await site.ReadAsync("/api/status")).Text("phase"));
    }

    [Fact]
    [Trait("Conformance", "76")]
    public async Task A_veto_refuses_a_drain_with_its_reason_and_a_later_one_may_pass()
    {
        Veto veto = new() { Reason = "the nightly batch runs" };
        await using var site = await AdminSite.StartAsync(configure: b => b.Services.AddSingleton<IDrainHook>(veto));

        using var refused = await site.PostAsync("/api/drain");
        using var none = await site.GetAsync("/api/drain");
        await using (var client = await site.ConnectAsync())
        {
            Assert.False((await client.GetAsync("/hello")).AnnouncesClose);
        }

        veto.Reason = null;
        using var accepted = await site.PostAsync("/api/drain");

        await refused.ProblemAsync(409, "the nightly batch runs");
        await none.ProblemAsync(404);
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        await site.Server.WhenDrained;
    }

    private sealed class Veto : IDrainHook
    {
        public string? Reason { get; set; }

        public Task<string?> OnDrainRequestedAsync(DrainRequest request, CancellationToken cancellationToken)
            => Task.FromResult(Reason);
    }
}
