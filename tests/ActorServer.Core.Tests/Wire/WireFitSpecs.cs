using System.Text;
using System.Text.Json;
using ActorServer.Core.Wire;

namespace ActorServer.Core.Tests.Wire;

/// <summary>Clients choose methods and paths: none of them can make an answer too long to be sent.</summary>
public sealed class WireFitSpecs
{
    private static readonly string Long = new('\u0001', 8000);
    private static readonly DateTimeOffset At = new(2026, 11, 23, 2, 21, 9, TimeSpan.Zero);

    [Fact]
    public void A_report_of_the_longest_blockers_fits()
    {
        var status = Assert.IsType<StatusAnswer>(WireExamples.Of("status/1"));
        var blocker = status.Status.Drain!.Blockers[0] with { Id = new('i', 100), Method = Long, Path = Long };
        var drain = status.Status.Drain with { Reason = Long, Blockers = [.. Enumerable.Repeat(blocker, DrainReport.BlockersMax)] };

        Assert.InRange(WireCodec.Encode(status with { Status = status.Status with { Drain = drain } }).Length, 1, WireCodec.LengthMax);
        Assert.InRange(WireCodec.Encode(new DrainProgress("web-1", drain)).Length, 1, WireCodec.LengthMax);
    }

    [Fact]
    public void A_connection_with_the_longest_requests_fits()
    {
        var answer = Assert.IsType<ConnectionAnswer>(WireExamples.Of("connection/1"));
        var connection = answer.Connection with { InFlight = 300, CurrentRequests = [.. Enumerable.Repeat(new CurrentRequest(Long, Long, At), 300)] };

        var bytes = WireCodec.Encode(answer with { Connection = connection });

        Assert.InRange(bytes.Length, 1, WireCodec.LengthMax);
        var read = Assert.IsType<ConnectionAnswer>(WireCodec.Decode("connection/1", bytes));
        Assert.Equal(300, read.Connection.InFlight);
        Assert.EndsWith("…", read.Connection.CurrentRequests[0].Path, StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_holds_as_many_as_fit_and_no_more_are_looked_at()
    {
        var one = Assert.IsType<ConnectionAnswer>(WireExamples.Of("connection/1")).Connection;
        var large = one with { CurrentRequests = [.. Enumerable.Repeat(new CurrentRequest(Long, Long, At), 100)] };
        var page = Assert.IsType<ConnectionsAnswer>(WireExamples.Of("connections/1"));
        Lazy<ConnectionSnapshot>[] lazy = [.. Enumerable.Range(0, 1000).Select(i => new Lazy<ConnectionSnapshot>(() => i < 500 ? one : large))];

        var few = WireCodec.Fitting(new Seen(lazy));

        Assert.InRange(few, 2, 499);
        Assert.Equal(few + 1, lazy.Count(c => c.IsValueCreated));
        Assert.InRange(WireCodec.Encode(page with { Items = [.. Enumerable.Repeat(one, few)] }).Length, WireCodec.LengthMax - 4000, WireCodec.LengthMax);
        Assert.InRange(WireCodec.Fitting([large, large, large, large]), 1, 3);
        Assert.Equal(3, WireCodec.Fitting([one, one, one]));
        Assert.Equal(0, WireCodec.Fitting([]));
    }

    [Fact]
    public void A_path_is_not_cut_within_a_character()
    {
        var answer = Assert.IsType<ConnectionAnswer>(WireExamples.Of("connection/1"));
        var path = string.Concat(Enumerable.Repeat("😀", 100));
        foreach (var shifted in (string[])[path, "/" + path])
        {
            var connection = answer.Connection with { CurrentRequests = [new("GET", shifted, At)] };

            var json = Encoding.UTF8.GetString(WireCodec.Encode(answer with { Connection = connection }));

            using var document = JsonDocument.Parse(json);
            var read = document.RootElement.GetProperty("connection").GetProperty("currentRequests")[0].GetProperty("path").GetString()!;
            Assert.EndsWith("😀…", read, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_path_that_is_no_text_is_sent_all_the_same()
    {
        var answer = Assert.IsType<ConnectionAnswer>(WireExamples.Of("connection/1"));
        var connection = answer.Connection with { CurrentRequests = [new("GET", "/\ud800", At)] };

        var read = WireCodec.Decode("connection/1", WireCodec.Encode(answer with { Connection = connection }));

        Assert.Equal("/\ufffd", Assert.IsType<ConnectionAnswer>(read).Connection.CurrentRequests[0].Path);
    }

    private sealed class Seen(Lazy<ConnectionSnapshot>[] items) : IReadOnlyList<ConnectionSnapshot>
    {
        public int Count => items.Length;

        public ConnectionSnapshot this[int index] => items[index].Value;

        public IEnumerator<ConnectionSnapshot> GetEnumerator() => items.Select(i => i.Value).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
