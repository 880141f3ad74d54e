using System.Net;
using System.Text.Json;
using ActorServer.Core;
using ActorServer.EndToEnd.Tests.Admin;
using ActorServer.TestKit;

namespace ActorServer.EndToEnd.Tests.Steering;

/// <summary>Drains that are asked for while one runs, by one operator or by many.</summary>
public sealed class JoinSpecs
{
    private const int Operators = 8;

    [Fact]
    [Trait("Conformance", "71")]
    public async Task Operators_who_ask_at_the_same_moment_get_the_same_drain()
    {
        await using var site = await AdminSite.StartAsync();
        var (busy, _) = await site.HoldAsync();
        await using var __ = busy;

        for (var round = 1; round <= 3; round++)
        {
            var drains = await Task.WhenAll(Enumerable.Range(0, Operators).Select(_ => DrainAsync(site, """{"budget":"infinite"}""")));
            Assert.Equal([$"{round}"], drains.Select(d => d.Text("id")).Distinct());
            Assert.Equal([1, 0], (await site.ReadAsync("/api/drain")).Numbers("initial", "aborted"));

            var resumed = await Task.WhenAll(Enumerable.Range(0, Operators).Select(_ => ResumeAsync(site)));
            Assert.All(resumed, status => Assert.Equal("Serving", status.Text("phase")));
        }

        site.Release();
        Assert.False((await busy.ReadResponseAsync()).AnnouncesClose);
    }

    [Fact]
    [Trait("Conformance", "82")]
    public async Task Operators_who_disagree_leave_a_node_that_drains_or_serves_and_nothing_between()
    {
        await using var site = await AdminSite.StartAsync();
        var (busy, busyId) = await site.HoldAsync();
        await using var __ = busy;

        for (var round = 0; round < 5; round++)
        {
            // Alternately, all at once.
            await Task.WhenAll(Enumerable.Range(0, Operators)
                .Select(i => i % 2 == 0 ? (Task)DrainAsync(site, """{"budget":"infinite"}""") : ResumeAsync(site)));
            var status = await site.ReadAsync("/api/status");
            var isServing = status.Text("phase") == "Serving";
            Assert.Equal(isServing, status.GetProperty("ready").GetBoolean());
            Assert.Equal(isServing ? "Cancelled" : status.Text("phase"), status.GetProperty("drain").Text("phase"));

            // Whatever has come of it, the next word holds.
            Assert.True((await ResumeAsync(site)).GetProperty("ready").GetBoolean());
            await using var client = await site.ConnectAsync();
            Assert.False((await client.GetAsync("/hello")).AnnouncesClose);
        }

        await site.HeardAsync(busyId);
        site.Release();
        Assert.False((await busy.ReadResponseAsync()).AnnouncesClose);
        Assert.Equal(0, (await site.ReadAsync("/api/status")).GetProperty("totals").Number("aborted"));
    }

    [Fact]
    [Trait("Conformance", "68")]
    public async Task One_that_waits_is_cut_short_by_another_without_a_budget()
    {
        await using var site = await AdminSite.StartAsync();
        var (busy, _) = await site.HoldAsync();
        await using var __ = busy;
        var first = await DrainAsync(site, """{"budget":"infinite"}""");
        await site.Transitions.ReachAsync(NodePhase.Draining);

        var second = await DrainAsync(site, """{"budget":"0"}""");

        Assert.Equal(RawEnd.Reset, await busy.ReadEndAsync());
        var report = await site.Server.WhenDrained.WaitAsync(AdminSite.WaitMax);
        Assert.Equal((first.Text("id"), first.Text("id")), (second.Text("id"), report.Id));
        Assert.Equal((1, 0), (report.Aborted + report.Stragglers, report.Completed));
    }

    [Fact]
    [Trait("Conformance", "68")]
    public async Task One_that_waits_is_given_more_time_only_on_demand()
    {
        await using var site = await AdminSite.StartAsync();
        var (busy, _) = await site.HoldAsync();
        await using var __ = busy;
        var first = await DrainAsync(site, """{"budget":"1h"}""");
        await site.Transitions.ReachAsync(NodePhase.Draining);

        var unasked = await DrainAsync(site, """{"budget":"infinite"}""");
        var longer = await DrainAsync(site, """{"budget":"2h","extend":true}""");
        var endless = await DrainAsync(site, """{"budget":"infinite","extend":true}""");
        var ended = await DrainAsync(site, """{"budget":"3h"}""");
        site.Release();

        Assert.Equal(first.Instant("deadline"), unasked.Instant("deadline"));
        Assert.True(longer.Instant("deadline") > first.Instant("deadline"));
        Assert.Equal(JsonValueKind.Null, endless.GetProperty("deadline").ValueKind);
        Assert.True(ended.Instant("deadline") > longer.Instant("deadline"));
        Assert.Equal("held", (await busy.ReadResponseAsync()).Body);
        var report = await site.Server.WhenDrained.WaitAsync(AdminSite.WaitMax);
        Assert.Equal((first.Text("id"), 1, 0), (report.Id, report.Completed, report.Aborted));
    }

    private static async Task<JsonElement> DrainAsync(AdminSite site, string body)
    {
        using var answer = await site.PostAsync("/api/drain", body);
        return await answer.JsonAsync(HttpStatusCode.Accepted);
    }

    private static async Task<JsonElement> ResumeAsync(AdminSite site)
    {
        using var answer = await site.PostAsync("/api/resume");
        return await answer.JsonAsync(HttpStatusCode.OK);
    }
}
