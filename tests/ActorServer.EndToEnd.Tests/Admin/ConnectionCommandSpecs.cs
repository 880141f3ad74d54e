using System.Net;
using ActorServer.Core;
using ActorServer.TestKit;

namespace ActorServer.EndToEnd.Tests.Admin;

public sealed class ConnectionCommandSpecs
{
    [Fact]
    public async Task Closing_an_idle_connection_ends_it_politely_and_only_once()
    {
        await using var site = await AdminSite.StartAsync();
        var (client, id) = await site.IdleAsync();
        await using var _ = client;

        using var closed = await site.PostAsync($"/api/connections/{id}/close");
        var end = await client.ReadEndAsync();
        await site.ReachAsync(id, ConnectionState.Closed);
        using var again = await site.PostAsync($"/api/connections/{id}/close");
        using var abort = await site.PostAsync($"/api/connections/{id}/abort");

        Assert.Equal(HttpStatusCode.Accepted, closed.StatusCode);
        Assert.Equal($"/api/connections/{id}", closed.Headers.Location?.OriginalString);
        Assert.Equal(RawEnd.Closed, end);
        await again.ProblemAsync(409, id, "has ended already");
        await abort.ProblemAsync(409, id, "has ended already");
        Assert.Equal("Closed", (await site.ReadAsync($"/api/connections/{id}")).Text("endReason"));
    }

    [Fact]
    public async Task Closing_a_busy_connection_lets_it_finish_and_announces_the_close()
    {
        await using var site = await AdminSite.StartAsync();
        var (client, id) = await site.HoldAsync();
        await using var _ = client;

        using var closed = await site.PostAsync($"/api/connections/{id}/close");
        using var again = await site.PostAsync($"/api/connections/{id}/close");
        await site.HeardAsync(id);
        site.Release();
        var response = await client.ReadResponseAsync();

        Assert.Equal(HttpStatusCode.Accepted, closed.StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
        Assert.Equal((200, "held", true), (response.Status, response.Body, response.AnnouncesClose));
        Assert.Equal(RawEnd.Closed, await client.ReadEndAsync());
        await site.ReachAsync(id, ConnectionState.Closed);
        Assert.Equal("Completed", (await site.ReadAsync($"/api/connections/{id}")).Text("endReason"));
    }

    [Fact]
    public async Task Aborting_a_busy_connection_cuts_it_and_no_other()
    {
        await using var site = await AdminSite.StartAsync();
        var (victim, id) = await site.HoldAsync();
        await using var _ = victim;
        await using var other = (await site.HoldAsync()).Client;

        using var aborted = await site.PostAsync($"/api/connections/{id}/abort");
        var end = await victim.ReadEndAsync();
        await site.ReachAsync(id, ConnectionState.Closed);
        site.Release();
        var response = await other.ReadResponseAsync();

        Assert.Equal(HttpStatusCode.Accepted, aborted.StatusCode);
        Assert.Equal(RawEnd.Reset, end);
        Assert.Equal("Aborted", (await site.ReadAsync($"/api/connections/{id}")).Text("endReason"));
        Assert.Equal(1, (await site.ReadAsync("/api/status")).GetProperty("totals").Number("aborted"));
        Assert.Equal((200, "held", false), (response.Status, response.Body, response.AnnouncesClose));
    }
}
