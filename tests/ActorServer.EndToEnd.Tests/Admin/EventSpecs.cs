using System.Text.Json;
using ActorServer.Core;
using ActorServer.TestKit;

namespace ActorServer.EndToEnd.Tests.Admin;

public sealed class EventSpecs
{
    [Fact]
    public async Task A_reader_is_told_every_transition_in_order()
    {
        await using var site = await AdminSite.StartAsync();
        await using var reader = await ListenAsync(site);

        var (client, id) = await site.IdleAsync();
        await client.DisposeAsync();

        List<JsonElement> told = [];
        while (told.Count < 4)
        {
            var next = await ReadEventAsync(reader);
            Assert.Equal("connection", next.Type);
            told.Add(next.Data);
        }

        Assert.All(told, t => Assert.Equal(["id", "from", "to", "at"], t.Names()));
        Assert.All(told, t => Assert.Equal(id, t.Text("id")));
        Assert.Equal([null, "New", "Active", "Idle"], told.Select(t => t.Text("from")));
        Assert.Equal(["New", "Active", "Idle", "Closed"], told.Select(t => t.Text("to")));
    }

    [Fact]
    public async Task A_reader_is_told_a_drain_up_to_its_end()
    {
        await using var site = await AdminSite.StartAsync();
        await using var reader = await ListenAsync(site);
        var (busy, id) = await site.HoldAsync();
        await using var _ = busy;

        using var drain = await site.PostAsync("/api/drain", """{"reason":"release 12"}""");
        var waiting = await ReadDrainAsync(reader, report => report.Text("phase") == "Draining");
        site.Release();
        var ended = await ReadDrainAsync(reader, report => report.Text("phase") == "Drained");

        Assert.Equal("release 12", waiting.Text("reason"));
        Assert.Equal([id], waiting.GetProperty("blockers").Texts("id"));
        Assert.Equal((1, 0), (ended.Number("completed"), ended.Number("remaining")));
    }

    [Fact]
    public async Task A_reader_that_comes_back_goes_on_where_it_was()
    {
        await using var site = await AdminSite.StartAsync();
        string lastId;
        await using (var reader = await ListenAsync(site))
        {
            await using var first = (await site.AcceptAsync()).Client;
            lastId = (await ReadEventAsync(reader)).Id;
        }

        var (second, id) = await site.AcceptAsync();
        await using var __ = second;
        await using var again = await ListenAsync(site, lastId);

        // The first connection's end is told too, whenever it comes: what is new is neither lost nor told twice.
        var next = await ReadEventAsync(again);
        while (next.Data.Text("id") != id)
        {
            Assert.Equal("Closed", next.Data.Text("to"));
            next = await ReadEventAsync(again);
        }

        Assert.Equal("New", next.Data.Text("to"));
    }

    [Fact]
    public async Task Readers_are_let_go_when_the_host_stops()
    {
        await using var site = await AdminSite.StartAsync();
        await using var reader = await ListenAsync(site);

        await site.StopAsync().WaitAsync(AdminSite.WaitMax);

        await ReadDrainAsync(reader, report => report.Text("phase") == "Drained");
        Assert.Equal(RawEnd.Closed, await reader.ReadEndAsync());
    }

    private static async Task<RawClient> ListenAsync(AdminSite site, string? lastId = null)
    {
        var reader = await RawClient.ConnectAsync(site.Address);
        await reader.SendGetAsync("/api/events", lastId is null ? "" : $"Last-Event-ID: {lastId}\r\n");
        var head = await reader.ReadUntilAsync("\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 ", head, StringComparison.Ordinal);
        Assert.Contains("Content-Type: text/event-stream\r\n", head, StringComparison.Ordinal);
        return reader;
    }

    private static async Task<JsonElement> ReadDrainAsync(RawClient reader, Predicate<JsonElement> isIt)
    {
        while (true)
        {
            var next = await ReadEventAsync(reader);
            if (next.Type == "drain" && isIt(next.Data))
            {
                return next.Data;
            }
        }
    }

    // Chunk sizes stand between the lines of events; a comment is a sign of life.
    private static async Task<(string Type, string Id, JsonElement Data)> ReadEventAsync(RawClient reader)
    {
        string? type = null, id = null;
        while (true)
        {
            var line = (await reader.ReadUntilAsync("\n")).Trim();
            if (line.StartsWith("event: ", StringComparison.Ordinal))
            {
                type = line["event: ".Length..];
            }
            else if (line.StartsWith("id: ", StringComparison.Ordinal))
            {
                id = line["id: ".Length..];
            }
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                return (type!, id!, JsonElement.Parse(line["data: ".Length..]));
            }
        }
    }
}
