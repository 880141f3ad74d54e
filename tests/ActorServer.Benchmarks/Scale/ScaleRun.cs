using System.Globalization;

namespace ActorServer.Benchmarks;

/// <summary>More and more connections of a real Kestrel, in memory or by sockets: bare, and with ActorServer.</summary>
internal static class ScaleRun
{
    private static readonly int[] Sizes = [1_000, 10_000, 100_000];
    private static readonly int[] SocketSizes = [1_000, 5_000, 15_000];

    private static readonly string[] Columns =
    [
        "connections", "spawned a second", "retained, bare", "more with ActorServer", "a page", "status, idle",
        "status, under transitions", "the worst", "transitions a second", "drain", "of it for garbage", "last close to Drained",
    ];

    public static async Task<Report> RunAsync(BenchmarkOptions options, TextWriter progress)
    {
        var sizes = options switch
        {
            { Connections: { } only } => [only],
            { Command: Command.Sockets } => SocketSizes,
            { Million: true } => [.. Sizes, 1_000_000],
            _ => Sizes,
        };
        Func<int, Crowd> crowd = options.Command == Command.Sockets ? static n => new SocketCrowd(n) : static n => new MemoryCrowd(n);
        // All that is made once, and compiled, has been made and compiled.
        await ScaleMeasurement.BareAsync(crowd(1_000));
        await ScaleMeasurement.TrackedAsync(crowd(1_000));
        List<ScaleResult> results = [];
        foreach (var size in sizes)
        {
            var bare = await ScaleMeasurement.BareAsync(crowd(size));
            results.Add(await ScaleMeasurement.TrackedAsync(crowd(size)) with { BareBytes = bare });
            await progress.WriteLineAsync(results[^1].ToString());
        }

        return new(options.Command == Command.Sockets ? "sockets" : "scale", Columns, [.. results.Select(Row)], results.Count > 1 ? Plot(results) : null);
    }

    private static IReadOnlyList<string> Row(ScaleResult r) =>
    [
        r.Connections.ToString("N0", CultureInfo.InvariantCulture),
        r.SpawnRate.In("N0"),
        r.BareBytes.In("N0", "B"),
        (r.Bytes - r.BareBytes).In("N0", "B"),
        r.Page.In("F2", "ms"),
        r.StatusIdle.In("F3", "ms"),
        r.Status.In("F2", "ms"),
        r.StatusMax.In("F2", "ms"),
        r.Transitions.In("N0"),
        r.Drain.In("F0", "ms"),
        r.Paused.In("F0", "ms"),
        r.Tail.In("F2", "ms"),
    ];

    private static string Plot(List<ScaleResult> results) => new SvgPlot(
        "What grows with the connections, and what does not", "connections", "ms",
        [
            Line("all spawned", results, r => 1000 * r.Connections / r.SpawnRate),
            Line("all drained", results, r => r.Drain),
            Line("status under transitions, the worst", results, r => r.StatusMax),
            Line("a page of the list", results, r => r.Page),
            Line("last close to Drained", results, r => r.Tail),
        ]).ToString();

    private static PlotLine Line(string name, List<ScaleResult> results, Func<ScaleResult, double> of)
        => new(name, [.. results.Select(r => ((double)r.Connections, of(r)))]);
}
