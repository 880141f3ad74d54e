using System.Text.Json;
using ActorServer.Core;

namespace ActorServer.EndToEnd.Tests.Admin;

public sealed class ConnectionSpecs
{
    private static readonly string[] Names =
    [
        "id", "node", "state", "draining", "peer", "local", "protocol", "tls", "acceptedAt", "stateSince", "requests",
        "inFlight", "currentRequests", "bytesSent", "timeline", "endReason",
    ];

    [Fact]
    public async Task A_busy_connection_shows_its_request_and_its_timeline()
    {
        await using var site = await AdminSite.StartAsync();
        var (client, id) = await site.IdleAsync();
        await using var _ = client;

        await client.SendGetAsync("/hold?secret=1");
        await site.ReachAsync(id, ConnectionState.Active, times: 2);
        var connection = await site.ReadAsync($"/api/connections/{id}");

        Assert.Equal(Names, connection.Names());
        Assert.Equal(id, connection.Text("id"));
        Assert.Equal(site.Server.Node, connection.Text("node"));
        Assert.Equal("Active", connection.Text("state"));
        Assert.False(connection.GetProperty("draining").GetBoolean());
        Assert.Equal(client.LocalEnd, connection.Text("peer"));
        Assert.Equal(site.Application.Authority, connection.Text("local"));
        Assert.Equal("HTTP/1.1", connection.Text("protocol"));
        Assert.False(connection.GetProperty("tls").GetBoolean());
        Assert.Equal((1, 1), (connection.Number("requests"), connection.Number("inFlight")));
        Assert.True(connection.Number("bytesSent") > "hello".Length);
        Assert.Equal(JsonValueKind.Null, connection.GetProperty("endReason").ValueKind);

        var request = Assert.Single(connection.GetProperty("currentRequests").EnumerateArray());
        Assert.Equal(["method", "path", "since"], request.Names());
        // Without the query: tokens travel there.
        Assert.Equal(("GET", "/hold"), (request.Text("method"), request.Text("path")));

        var timeline = connection.GetProperty("timeline");
        Assert.All(timeline.EnumerateArray(), entry => Assert.Equal(["state", "at"], entry.Names()));
        Assert.Equal(["New", "Active", "Idle", "Active"], timeline.Texts("state"));
        var times = timeline.EnumerateArray().Select(entry => entry.Instant("at")).ToList();
        Assert.Equal(times.Order(), times);
        Assert.Equal((times[0], times[^1]), (connection.Instant("acceptedAt"), connection.Instant("stateSince")));
    }

    [Fact]
    public async Task A_silent_connection_has_no_protocol_yet()
    {
        await using var site = await AdminSite.StartAsync();
        var (client, id) = await site.AcceptAsync();
        await using var _ = client;

        var connection = await site.ReadAsync($"/api/connections/{id}");

        Assert.Equal("New", connection.Text("state"));
        Assert.Equal(JsonValueKind.Null, connection.GetProperty("protocol").ValueKind);
        Assert.Empty(connection.GetProperty("currentRequests").EnumerateArray());
        Assert.Equal(["New"], connection.GetProperty("timeline").Texts("state"));
    }

    [Fact]
    public async Task An_ended_connection_is_remembered_with_its_end()
    {
        await using var site = await AdminSite.StartAsync();
        var (client, id) = await site.IdleAsync();

        await client.DisposeAsync();
        await site.ReachAsync(id, ConnectionState.Closed);
        var connection = await site.ReadAsync($"/api/connections/{id}");
        var live = await site.ReadAsync("/api/connections");
        var ended = await site.ReadAsync("/api/connections?state=closed");

        Assert.Equal(Names, connection.Names());
        Assert.Equal(("Closed", "ClientClosed"), (connection.Text("state"), connection.Text("endReason")));
        Assert.Equal(["New", "Active", "Idle", "Closed"], connection.GetProperty("timeline").Texts("state"));
        Assert.Empty(live.GetProperty("items").EnumerateArray());
        Assert.Equal([id], ended.GetProperty("items").Texts("id"));
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("%2e%2e%2f%2e%2e%2fetc")]
    [InlineData("a%20b%0d%0aX-Injected:%201")]
    public async Task An_unknown_connection_is_not_found(string id)
    {
        await using var site = await AdminSite.StartAsync();

        foreach (var (method, path) in new[] { ("GET", ""), ("POST", "/close"), ("POST", "/abort") })
        {
            using var answer = await site.SendAsync(new(method), $"/api/connections/{id}{path}");
            await answer.ProblemAsync(404, "There is no connection");
            Assert.False(answer.Headers.Contains("X-Injected"));
        }
    }

    [Theory]
    [InlineData("", 3)]
    [InlineData("?state=Idle", 1)]
    [InlineData("?state=active", 1)]
    [InlineData("?STATE=new", 1)]
    [InlineData("?state=Upgraded", 0)]
    [InlineData("?peer=127.0.0.1", 3)]
    [InlineData("?peer=127.0.0.2", 0)]
    [InlineData("?peer={idle}", 1)]
    [InlineData("?peer={idle}&state=Active", 0)]
    [InlineData("?olderThan=0", 3)]
    [InlineData("?olderThan=1h", 0)]
    [InlineData("?olderThan=00:30:00&state=Idle", 0)]
    [InlineData("?limit=2", 2)]
    [InlineData("?limit=1000", 3)]
    [InlineData("?state=Closed", 0)]
    public async Task Connections_are_found_by_what_they_are(string query, int expected)
    {
        await using var site = await AdminSite.StartAsync();
        await using var silent = (await site.AcceptAsync()).Client;
        await using var idle = (await site.IdleAsync()).Client;
        await using var busy = (await site.HoldAsync()).Client;

        var page = await site.ReadAsync(
            $"/api/connections{query.Replace("{idle}", idle.LocalEnd, StringComparison.Ordinal)}");

        Assert.Equal(["items", "next"], page.Names());
        Assert.Equal(expected, page.GetProperty("items").GetArrayLength());
    }

    [Fact]
    [Trait("Conformance", "100")]
    public async Task The_list_names_exactly_those_that_live()
    {
        await using var site = await AdminSite.StartAsync();
        var (first, firstId) = await site.AcceptAsync();
        var (second, secondId) = await site.IdleAsync();

        Assert.Equal([firstId, secondId], await IdsAsync(site));
        await first.DisposeAsync();
        await site.ReachAsync(firstId, ConnectionState.Closed);
        Assert.Equal([secondId], await IdsAsync(site));
        await second.DisposeAsync();
        await site.ReachAsync(secondId, ConnectionState.Closed);
        Assert.Empty(await IdsAsync(site));
    }

    private static async Task<IEnumerable<string>> IdsAsync(AdminSite site)
        => (await site.ReadAsync("/api/connections")).GetProperty("items").Texts("id");
}
