using System.Globalization;
using System.Net;
using System.Text.Json;
using ActorServer.Core;

namespace ActorServer.EndToEnd.Tests.Admin;

public sealed class DrainCallSpecs
{
    private static readonly string[] Names =
    [
        "id", "phase", "trigger", "reason", "startedAt", "lameDuckUntil", "deadline", "endedAt", "initial", "remaining",
        "closed", "completed", "aborted", "stragglers", "blockers",
    ];

    [Fact]
    public async Task There_is_no_drain_before_the_first()
    {
        await using var site = await AdminSite.StartAsync();

        using var answer = await site.GetAsync("/api/drain");

        await answer.ProblemAsync(404, "no drain");
    }

    [Fact]
    [Trait("Conformance", "16")]
    [Trait("Conformance", "61")]
    public async Task A_drain_without_a_body_is_the_one_of_the_options()
    {
        await using var site = await AdminSite.StartAsync(drain: options => options.Budget = TimeSpan.FromSeconds(33));

        using var answer = await site.PostAsync("/api/drain");
        var accepted = await answer.JsonAsync(HttpStatusCode.Accepted);
        await site.Server.WhenDrained;
        var ended = await site.ReadAsync("/api/drain");
        var status = await site.ReadAsync("/api/status");

        Assert.Equal("/api/drain", answer.Headers.Location?.OriginalString);
        Assert.Equal(Names, accepted.Names());
        Assert.Equal("Api", accepted.Text("trigger"));
        Assert.Null(accepted.Text("reason"));
        Assert.Equal(accepted.Instant("startedAt"), accepted.Instant("lameDuckUntil"));
        Assert.Equal(TimeSpan.FromSeconds(33), accepted.Instant("deadline") - accepted.Instant("startedAt"));
        Assert.Equal(Names, ended.Names());
        Assert.Equal((accepted.Text("id"), "Drained"), (ended.Text("id"), ended.Text("phase")));
        Assert.True(ended.Instant("endedAt") < ended.Instant("deadline"));
        Assert.Equal(
            [0, 0, 0, 0, 0, 0],
            ended.Numbers("initial", "remaining", "closed", "completed", "aborted", "stragglers"));
        Assert.Equal(Names, status.GetProperty("drain").Names());
        Assert.Equal(ended.GetRawText(), status.GetProperty("drain").GetRawText());
    }

    [Fact]
    public async Task A_drain_is_what_the_body_says()
    {
        await using var site = await AdminSite.StartAsync();

        using var answer = await site.PostAsync(
            "/api/drain",
            """{"budget":"01:00:00","lameDuck":"20m","spread":"1500ms","reason":"release 12","extend":null}""");
        var drain = await answer.JsonAsync(HttpStatusCode.Accepted);

        Assert.Equal(("LameDuck", "release 12"), (drain.Text("phase"), drain.Text("reason")));
        Assert.Equal(TimeSpan.FromMinutes(20), drain.Instant("lameDuckUntil") - drain.Instant("startedAt"));
        Assert.Equal(TimeSpan.FromHours(1), drain.Instant("deadline") - drain.Instant("startedAt"));
        Assert.Equal(JsonValueKind.Null, drain.GetProperty("endedAt").ValueKind);
    }

    [Fact]
    public async Task An_infinite_drain_has_no_deadline()
    {
        await using var site = await AdminSite.StartAsync();

        using var answer = await site.PostAsync("/api/drain", """{"budget":"infinite","lameDuck":"1h"}""");
        var drain = await answer.JsonAsync(HttpStatusCode.Accepted);

        Assert.Equal(JsonValueKind.Null, drain.GetProperty("deadline").ValueKind);
    }

    [Fact]
    [Trait("Conformance", "67")]
    [Trait("Conformance", "68")]
    [Trait("Conformance", "71")]
    public async Task A_second_drain_joins_the_first_with_the_earlier_deadline_or_the_later_when_it_extends()
    {
        await using var site = await AdminSite.StartAsync();
        using var begun = await site.PostAsync("/api/drain", """{"budget":"1h","lameDuck":"50m"}""");
        var first = await begun.JsonAsync(HttpStatusCode.Accepted);

        var longer = await JoinAsync("""{"budget":"2h","lameDuck":"50m"}""");
        var shorter = await JoinAsync("""{"budget":"40m","lameDuck":"30m","reason":"now"}""");
        var extended = await JoinAsync("""{"budget":"3h","extend":true}""");

        Assert.All([longer, shorter, extended], drain => Assert.Equal(first.Text("id"), drain.Text("id")));
        Assert.Equal(first.Instant("deadline"), longer.Instant("deadline"));
        Assert.True(shorter.Instant("deadline") < first.Instant("deadline"));
        Assert.True(shorter.Instant("lameDuckUntil") < first.Instant("lameDuckUntil"));
        Assert.True(extended.Instant("deadline") > first.Instant("deadline"));
        Assert.Equal(first.Instant("startedAt"), extended.Instant("startedAt"));

        async Task<JsonElement> JoinAsync(string body)
        {
            using var answer = await site.PostAsync("/api/drain", body);
            return await answer.JsonAsync(HttpStatusCode.Accepted);
        }
    }

    [Fact]
    [Trait("Conformance", "28")]
    public async Task Blockers_are_named_longest_first_until_they_are_gone()
    {
        await using var site = await AdminSite.StartAsync();
        var (first, firstId) = await site.HoldAsync();
        await using var _ = first;
        var (second, secondId) = await site.HoldAsync();
        await using var __ = second;
        var (idle, idleId) = await site.IdleAsync();
        await using var ___ = idle;

        using var answer = await site.PostAsync("/api/drain", """{"budget":"infinite"}""");
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        // The idle one goes at once, the other two are waited for.
        await site.ReachAsync(idleId, ConnectionState.Closed);
        var waiting = await site.ReadAsync("/api/drain");
        site.Release();
        await site.Server.WhenDrained;
        var ended = await site.ReadAsync("/api/drain");

        var blockers = waiting.GetProperty("blockers");
        Assert.Equal([firstId, secondId], blockers.Texts("id"));
        Assert.Equal("Draining", waiting.Text("phase"));
        Assert.Equal([3, 2], waiting.Numbers("initial", "remaining"));
        var blocker = blockers[0];
        Assert.Equal(["id", "peer", "state", "age", "method", "path", "since"], blocker.Names());
        Assert.Equal((first.LocalEnd, "Active"), (blocker.Text("peer"), blocker.Text("state")));
        Assert.Equal(("GET", "/hold"), (blocker.Text("method"), blocker.Text("path")));
        Assert.True(TimeSpan.Parse(blocker.Text("age")!, CultureInfo.InvariantCulture) > TimeSpan.Zero);
        Assert.Equal("Drained", ended.Text("phase"));
        Assert.Equal([0, 1, 2, 0], ended.Numbers("remaining", "closed", "completed", "aborted"));
        Assert.Empty(ended.GetProperty("blockers").EnumerateArray());
    }

    [Fact]
    [Trait("Conformance", "64")]
    public async Task A_drain_without_a_budget_aborts_at_once_and_says_so()
    {
        await using var site = await AdminSite.StartAsync();
        var (client, id) = await site.HoldAsync();
        await using var _ = client;

        using var answer = await site.PostAsync("/api/drain", """{"budget":"0"}""");
        await site.Server.WhenDrained;
        var ended = await site.ReadAsync("/api/drain");

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal("Drained", ended.Text("phase"));
        Assert.Equal([1, 0], ended.Numbers("aborted", "remaining"));
        Assert.Equal("DrainAborted", (await site.ReadAsync($"/api/connections/{id}")).Text("endReason"));
    }

    [Fact]
    [Trait("Conformance", "60")]
    public async Task Who_does_not_end_when_aborted_is_a_straggler_and_not_waited_for()
    {
        await using var site = await AdminSite.StartAsync();
        var (client, id) = await site.HoldAsync("/stubborn");
        await using var _ = client;

        using var answer = await site.PostAsync("/api/drain", """{"budget":"0"}""");
        await site.Server.WhenDrained;
        var ended = await site.ReadAsync("/api/drain");

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal("Drained", ended.Text("phase"));
        Assert.Equal([0, 0, 1, 1], ended.Numbers("completed", "aborted", "stragglers", "remaining"));
        Assert.Equal([id], ended.GetProperty("blockers").Texts("id"));
        await site.StopAsync().WaitAsync(AdminSite.WaitMax);
    }
}
