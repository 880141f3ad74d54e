using System.Net;
using System.Text.Json;
using ActorServer.Core;
using ActorServer.TestKit;

namespace ActorServer.EndToEnd.Tests.Admin;

public sealed class ConnectionPageSpecs(SharedSite shared) : IClassFixture<SharedSite>
{
    [Fact]
    public async Task Pages_show_every_connection_that_stays_once_while_others_come_and_go()
    {
        await using var site = await AdminSite.StartAsync();
        List<(RawClient Client, string Id)> connections = [];
        for (var i = 0; i < 9; i++)
        {
            connections.Add(await site.AcceptAsync());
        }

        List<string> seen = [];
        string? next = null;
        for (var page = 0; page == 0 || next is not null; page++)
        {
            Assert.True(page < 20, "The pages do not end.");
            var answer = await site.ReadAsync($"/api/connections?limit=2{(next is null ? "" : $"&cursor={next}")}");
            seen.AddRange(answer.GetProperty("items").Texts("id"));
            next = answer.Text("next");

            // Two pages of two: of each, one that was shown goes, the one that would be next goes, and one comes.
            if (page is 0 or 1)
            {
                await CloseAsync(site, connections[page * 3]);
                await CloseAsync(site, connections[(page * 3) + 2]);
                connections.Add(await site.AcceptAsync());
            }
        }

        var live = (await site.ReadAsync("/api/connections")).GetProperty("items").Texts("id").ToList();
        Assert.Equal(7, live.Count);
        Assert.Equal(seen.Distinct(), seen);
        Assert.Empty(live.Except(seen));
        foreach (var (client, _) in connections)
        {
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task The_last_page_has_no_next()
    {
        await using var site = await AdminSite.StartAsync();
        await using var first = (await site.AcceptAsync()).Client;
        await using var second = (await site.AcceptAsync()).Client;

        var full = await site.ReadAsync("/api/connections?limit=2");
        var half = await site.ReadAsync("/api/connections?limit=1");
        var beyond = await site.ReadAsync("/api/connections?cursor=9223372036854775807");

        Assert.Equal(JsonValueKind.Null, full.GetProperty("next").ValueKind);
        Assert.Equal(JsonValueKind.String, half.GetProperty("next").ValueKind);
        Assert.Equal(JsonValueKind.Null, beyond.GetProperty("next").ValueKind);
        Assert.Empty(beyond.GetProperty("items").EnumerateArray());
    }

    [Theory]
    [InlineData("state=asleep", "New, Active, Idle, Upgraded, Closed")]
    [InlineData("state=", "New, Active, Idle, Upgraded, Closed")]
    [InlineData("state=1", "New, Active, Idle, Upgraded, Closed")]
    [InlineData("state=Idle,Active", "New, Active, Idle, Upgraded, Closed")]
    [InlineData("state=Idle&state=Active", "state", "once")]
    [InlineData("peer=127.0.0.1&peer=127.0.0.2", "peer", "once")]
    [InlineData("peer=", "peer")]
    [InlineData("limit=0", "limit", "1 to 1000")]
    [InlineData("limit=1001", "limit", "1 to 1000")]
    [InlineData("limit=-1", "limit", "1 to 1000")]
    [InlineData("limit=ten", "limit", "\"ten\"")]
    [InlineData("cursor=here", "cursor", "next")]
    [InlineData("cursor=-1", "cursor", "next")]
    [InlineData("cursor=99999999999999999999", "cursor", "next")]
    [InlineData("olderThan=5", "olderThan", "500ms, 5s, 2m, 1h or 00:00:05")]
    [InlineData("olderThan=-5s", "olderThan", "500ms")]
    [InlineData("olderThan=infinite", "olderThan", "500ms")]
    [InlineData("older=5s", "older is not a parameter", "state, peer, olderThan, limit, cursor")]
    public async Task A_query_that_means_nothing_is_refused_with_what_is_allowed(string query, params string[] says)
    {
        var site = shared.Site;

        using var answer = await site.GetAsync($"/api/connections?{query}");

        await answer.ProblemAsync((int)HttpStatusCode.BadRequest, says);
    }

    private static async Task CloseAsync(AdminSite site, (RawClient Client, string Id) connection)
    {
        await connection.Client.DisposeAsync();
        await site.ReachAsync(connection.Id, ConnectionState.Closed);
    }
}
