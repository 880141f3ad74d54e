using System.Text.Json;
using ActorServer.Core;
using ActorServer.TestKit;

namespace ActorServer.EndToEnd.Tests.Admin;

public sealed class StatusSpecs
{
    [Fact]
    public async Task The_status_has_the_names_of_the_contract()
    {
        await using var site = await AdminSite.StartAsync();

        var status = await site.ReadAsync("/api/status");

        Assert.Equal(
            ["node", "phase", "accepting", "ready", "startedAt", "connections", "totals", "drain", "accessLog"],
            status.Names());
        Assert.Equal(["new", "active", "idle", "upgraded", "total"], status.GetProperty("connections").Names());
        Assert.Equal(["accepted", "closed", "rejected", "aborted", "requests"], status.GetProperty("totals").Names());
        Assert.Equal(site.Server.Node, status.Text("node"));
        Assert.Equal("Serving", status.Text("phase"));
        Assert.True(status.GetProperty("accepting").GetBoolean());
        Assert.True(status.GetProperty("ready").GetBoolean());
        Assert.Equal(TimeSpan.Zero, status.Instant("startedAt").Offset);
        Assert.Equal(JsonValueKind.Null, status.GetProperty("drain").ValueKind);
        // Off unless the application turns it on.
        Assert.Equal(JsonValueKind.Null, status.GetProperty("accessLog").ValueKind);
    }

    [Fact]
    [Trait("Conformance", "101")]
    [Trait("Conformance", "103")]
    public async Task The_counts_follow_connections_from_their_accept_to_their_end()
    {
        await using var site = await AdminSite.StartAsync();
        var (silent, silentId) = await site.AcceptAsync();
        var (idle, idleId) = await site.IdleAsync();
        var (busy, busyId) = await site.HoldAsync();

        var during = await site.ReadAsync("/api/status");
        site.Release();
        await busy.ReadResponseAsync();
        foreach (var (client, id) in new[] { (silent, silentId), (idle, idleId), (busy, busyId) })
        {
            await client.DisposeAsync();
            await site.ReachAsync(id, ConnectionState.Closed);
        }

        var after = await site.ReadAsync("/api/status");

        Assert.Equal([1, 1, 1, 0, 3], Counts(during));
        Assert.Equal([0, 0, 0, 0, 0], Counts(after));
        Assert.Equal([3, 0, 0, 0, 1], Totals(during));
        Assert.Equal([3, 3, 0, 0, 2], Totals(after));
    }

    [Fact]
    public async Task The_admin_side_is_never_counted_nor_drained()
    {
        await using var site = await AdminSite.StartAsync();
        await using var observer = await RawClient.ConnectAsync(site.Address);
        var (guest, _) = await site.IdleAsync();
        await using var _ = guest;

        var before = await observer.GetAsync("/api/status");
        await site.Server.DrainAsync(new(DrainTrigger.Code));
        var status = await observer.GetAsync("/api/status");
        var report = await observer.GetAsync("/api/drain");
        var ready = await observer.GetAsync("/readyz");
        var live = await observer.GetAsync("/livez");

        Assert.Equal([0, 0, 1, 0, 1], Counts(JsonElement.Parse(before.Body)));
        var drained = JsonElement.Parse(status.Body);
        Assert.Equal("Drained", drained.Text("phase"));
        Assert.Equal([1, 1, 0, 0, 1], Totals(drained));
        Assert.Equal(1, JsonElement.Parse(report.Body).Number("initial"));
        Assert.Equal((200, 200, 503, 200), (status.Status, report.Status, ready.Status, live.Status));
        Assert.DoesNotContain(true, new[] { before, status, report, ready, live }.Select(r => r.AnnouncesClose));
    }

    private static IEnumerable<long> Counts(JsonElement status)
        => status.GetProperty("connections").Numbers("new", "active", "idle", "upgraded", "total");

    private static IEnumerable<long> Totals(JsonElement status)
        => status.GetProperty("totals").Numbers("accepted", "closed", "rejected", "aborted", "requests");
}
