namespace ActorServer.Benchmarks;

/// <summary>All that has a budget, one after the other, as often as is asked.</summary>
internal static class TableRun
{
    private const int Connections = 32;
    private const int Idle = 10_000;
    private const int Many = 100_000;

    public static async Task<Report> RunAsync(BenchmarkOptions options, TextWriter progress)
    {
        List<IReadOnlyList<Figure>> runs = [];
        for (var run = 1; run <= (options.Runs ?? 1); run++)
        {
            runs.Add(await MeasureAsync(options, progress));
        }

        return new("table", ["what", "budget", .. runs.Select((_, i) => $"run {i + 1}")],
            [.. runs[0].Select((figure, row) => (IReadOnlyList<string>)[figure.What, figure.Budget, .. runs.Select(r => r[row].Measured)])]);
    }

    private static async Task<IReadOnlyList<Figure>> MeasureAsync(BenchmarkOptions options, TextWriter progress)
    {
        var requests = new[]
        {
            await RequestCost.MeasureAsync(http2: false, Connections, options.Pairs ?? 41),
            await RequestCost.MeasureAsync(http2: true, Connections, options.Pairs ?? 41),
        };
        var churn = await ChurnCost.MeasureAsync(options.Pairs ?? 41);
        var memory = await MemoryCost.MeasureAsync(Idle, pairs: 3);
        var race = await IdleRace.MeasureAsync(Idle, options.Pairs ?? 21, progress);
        var many = await ScaleMeasurement.TrackedAsync(new MemoryCrowd(Many));
        List<Figure> figures =
        [
            new("CPU of a request, keep-alive, tracked; HTTP/1.1 and HTTP/2", "≤ 1.03 × bare", Both(r => r[1].Ratio.In("F2"))),
            new("the same with the access log to a file", "≤ 1.20 × bare", Both(r => r[2].Ratio.In("F2"))),
            new("allocation of a request, tracked", "none more than bare", Both(r => (r[1].Bytes - r[0].Bytes).In("F0", "B"))),
            new("the same with the access log", "≤ 300 B more than bare", Both(r => (r[2].Bytes - r[0].Bytes).In("F0", "B"))),
            new("CPU of a connection that is opened, served once and closed", "≤ 1.15 × bare", churn.Ratio.In("F2")),
            new("bytes retained for an idle connection", "≤ 1,024 B more than bare", memory.More.In("N0", "B")),
            new("closing 10,000 idle connections; as the server says and as the clients see it", "no slower than Kestrel's own stop",
                $"{race.Said.Ratio.In("F2")}; {race.Seen.Ratio.In("F2")}"),
            new("last close to Drained, of 100,000", "< 10 ms", many.Tail.In("F2", "ms")),
            new("status at 100,000 connections, the worst", "< 50 ms", many.StatusMax.In("F2", "ms")),
        ];
        if (options.Million)
        {
            var million = await ScaleMeasurement.TrackedAsync(new MemoryCrowd(1_000_000));
            figures.Add(new("status at 1,000,000 connections, the worst", "< 50 ms", million.StatusMax.In("F2", "ms")));
        }

        return figures;

        string Both(Func<IReadOnlyList<RequestFigures>, string> of) => string.Join("; ", requests.Select(of));
    }

    private sealed record Figure(string What, string Budget, string Measured);
}
