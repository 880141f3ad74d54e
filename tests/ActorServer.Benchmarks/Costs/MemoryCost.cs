using System.Globalization;
using Microsoft.AspNetCore.Builder;

namespace ActorServer.Benchmarks;

/// <summary>How many bytes are retained for a connection that was served once and is idle: the difference after full collections.</summary>
/// <remarks>The clients are in another process. What the kernel retains is not counted.</remarks>
internal static class MemoryCost
{
    public static async Task<Report> RunAsync(BenchmarkOptions options)
    {
        var count = options.Connections ?? 10_000;
        var (bare, own, more) = await MeasureAsync(count, options.Pairs ?? 3);
        return new("memory", ["an idle connection, of " + count.ToString("N0", CultureInfo.InvariantCulture), "retained", "more than bare"],
        [
            ["bare", bare.In("F0", "B"), ""],
            ["ActorServer", own.In("F0", "B"), more.In("F0", "B")],
        ]);
    }

    /// <summary>Bytes retained for an idle connection, medians.</summary>
    public static async Task<(double Bare, double Own, double More)> MeasureAsync(int count, int pairs)
    {
        using var clients = IdleClients.Start();
        List<double> bare = [], own = [];
        for (var pair = 0; pair < pairs; pair++)
        {
            bare.Add(await MeasureAsync(clients, Servers.Bare(), count));
            own.Add(await MeasureAsync(clients, Servers.Tracked(), count));
        }

        return (bare.Median(), own.Median(), own.Zip(bare, (o, b) => o - b).Median());
    }

    private static async Task<double> MeasureAsync(IdleClients clients, WebApplication app, int count)
    {
        await using (app)
        {
            await app.StartAsync();
            var port = new Uri(app.Urls.Single()).Port;
            // All that is made once has been made.
            using (HttpClient first = new())
            {
                await first.GetStringAsync(new Uri($"http://127.0.0.1:{port}/hello"));
            }

            var before = await Servers.CollectAsync();
            await clients.OpenAsync(port, count);
            var after = await Servers.CollectAsync();
            await app.StopAsync();
            await clients.EndedAsync();
            return (double)(after - before) / count;
        }
    }
}
