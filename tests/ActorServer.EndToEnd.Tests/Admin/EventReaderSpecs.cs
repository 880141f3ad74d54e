using System.Globalization;
using ActorServer.Actors;
using ActorServer.Core;
using ActorServer.EndToEnd.Tests.Goodbyes;
using ActorServer.TestKit;

namespace ActorServer.EndToEnd.Tests.Admin;

/// <summary>Readers of events that are slow, that read nothing, and that come back.</summary>
public sealed class EventReaderSpecs
{
    // What all buffers on the way to a reader hold is far less than this many long events.
    private const int Flood = 60_000;
    private const int Remembered = 8192;

    [Fact]
    [Trait("Conformance", "15")]
    public async Task A_reader_that_reads_nothing_holds_neither_a_drain_up_nor_another_reader()
    {
        const int clients = 200;
        await using var site = await AdminSite.StartAsync();
        using var deaf = await EventStream.OpenAsync(site);
        TellMany(site, Flood);
        using var keen = await EventStream.OpenAsync(site);
        await using Crowd crowd = new(await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => site.ConnectAsync())));
        await Task.WhenAll(crowd.Clients.Select(c => c.GetAsync("/hello")));
        await site.Transitions.ReachAsync(ConnectionState.Idle, clients);

        // Without a deadline: nothing but its own end ends it. A report may be newer than its place among the transitions.
        var (closed, isDrained) = (0, false);
        var reading = keen.UntilAsync(e =>
        {
            closed += e.Type == "connection" && e.Data.Text("to") == "Closed" ? 1 : 0;
            isDrained |= e.Type == "drain" && e.Data.Text("phase") == "Drained";
            return closed == clients && isDrained;
        });
        var report = await site.Server.DrainAsync(SocketApplication.Waiting).WaitAsync(AdminSite.WaitMax);
        var heard = await reading;

        Assert.Equal((DrainPhase.Drained, clients, 0, 0), (report.Phase, report.Initial, report.Remaining, report.Aborted));
        var transitions = heard.Where(static e => e.Type == "connection").ToList();
        Assert.Equal(4 * clients, transitions.Count);
        Assert.Equal(clients, transitions.DistinctBy(static e => e.Data.Text("id")).Count());
        Assert.All(transitions.Zip(transitions.Skip(1)), static pair => Assert.True(pair.Second.Number > pair.First.Number));
        // Nor does it hold the host's stop up.
        await site.StopAsync().WaitAsync(AdminSite.WaitMax);
    }

    [Fact]
    public async Task A_reader_that_was_too_slow_is_told_how_much_it_has_missed_and_goes_on_from_there()
    {
        await using var site = await AdminSite.StartAsync();
        using var slow = await EventStream.OpenAsync(site);

        TellMany(site, Flood);
        site.Tell(new("the end", null, ConnectionState.New, default));
        var heard = await slow.UntilAsync(static e => e.Data.TryGetProperty("id", out var id) && id.GetString() == "the end");

        // Every number is either told or counted as missed, once.
        var last = 0L;
        foreach (var next in heard)
        {
            last += next.Type == "missed" ? next.Data.Number("missed") : 1;
            Assert.Equal(last, next.Number);
        }

        Assert.Equal(Flood + 1, last);
        var missed = heard.Where(static e => e.Type == "missed").ToList();
        Assert.NotEmpty(missed);
        Assert.All(missed, static e => Assert.Equal(["missed"], e.Data.Names()));
        Assert.True(heard.Count - heard.IndexOf(missed[^1]) > Remembered);
    }

    [Theory]
    [InlineData("0-1")]
    [InlineData("1700000000000-3")]
    [InlineData("RUN-999999999999")]
    [InlineData("RUN--1")]
    [InlineData("RUN")]
    [InlineData("RUN-1-1")]
    [InlineData("no id at all")]
    public async Task A_reader_with_an_id_that_says_nothing_here_is_told_all_that_is_remembered(string id)
    {
        await using var site = await AdminSite.StartAsync();
        TellMany(site, 5);
        string run;
        using (var any = await EventStream.OpenAsync(site, "0-0"))
        {
            run = (await any.NextAsync()).Run;
        }

        using var reader = await EventStream.OpenAsync(site, id.Replace("RUN", run, StringComparison.Ordinal));
        TellMany(site, 1);

        var heard = await reader.UntilAsync(static e => e.Number == 6);
        Assert.All(heard, e => Assert.Equal(("connection", run), (e.Type, e.Run)));
        Assert.Equal([1, 2, 3, 4, 5, 6], heard.Select(static e => e.Number));
    }

    [Fact]
    public async Task A_reader_with_an_id_of_this_run_that_is_forgotten_is_told_how_much_it_has_missed()
    {
        await using var site = await AdminSite.StartAsync();
        TellMany(site, 5);
        string id;
        using (var first = await EventStream.OpenAsync(site, "0-0"))
        {
            id = (await first.NextAsync()).Id;
        }

        TellMany(site, Remembered);
        using var again = await EventStream.OpenAsync(site, id);

        var heard = await again.UntilAsync(static e => e.Number == 5 + Remembered);
        Assert.Equal(("missed", 4L), (heard[0].Type, heard[0].Data.Number("missed")));
        Assert.Equal(Enumerable.Range(5, 1 + Remembered).Select(static n => (long)n), heard.Select(static e => e.Number));
    }

    [Fact]
    public async Task A_reader_that_comes_back_again_and_again_is_told_everything_once_and_in_order()
    {
        const int requests = 100;
        await using var site = await AdminSite.StartAsync();
        using (var start = await EventStream.OpenAsync(site))
        {
            await using Crowd crowd = new(await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => site.ConnectAsync())));
            var asking = Task.WhenAll(crowd.Clients.Select(async client =>
            {
                for (var i = 0; i < requests; i++)
                {
                    await client.GetAsync("/hello");
                }
            }));
            var heard = new List<EventStream.Event> { await start.NextAsync() };
            // New, and twice for every request; the last one's Idle comes after its answer.
            while (heard.Count < 4 * (1 + (2 * requests)))
            {
                using var again = await EventStream.OpenAsync(site, heard[^1].Id);
                for (var i = 0; i < 37 && heard.Count < 4 * (1 + (2 * requests)); i++)
                {
                    heard.Add(await again.NextAsync());
                }
            }

            await asking;
            Assert.Equal(Enumerable.Range(1, heard.Count).Select(static n => (long)n), heard.Select(static e => e.Number));
            foreach (var connection in heard.GroupBy(static e => e.Data.Text("id")))
            {
                // Each begins where the one before it has ended.
                Assert.Equal(
                    [null, .. connection.SkipLast(1).Select(static e => e.Data.Text("to"))], connection.Select(static e => e.Data.Text("from")));
            }
        }
    }

    // Long ones, so that buffers fill.
    private static void TellMany(AdminSite site, int count)
    {
        var padding = new string('x', 300);
        for (var i = 0; i < count; i++)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"{padding}{i}");
            site.Tell(new(id, null, ConnectionState.New, default));
        }
    }

    private sealed class Crowd(RawClient[] clients) : IAsyncDisposable
    {
        public IReadOnlyList<RawClient> Clients => clients;

        public async ValueTask DisposeAsync()
        {
            foreach (var client in clients)
            {
                await client.DisposeAsync();
            }
        }
    }
}
