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
        using var clients = IdleClients.Start();
        List<double> bare = [], own = [];
        for (var pair = 0; pair < (options.Pairs ?? 3); pair++)
        {
            bare.Add(await MeasureAsync(clients, Servers.Bare(), count));
            own.Add(await MeasureAsync(clients, Servers.Tracked(), count));
        }

        return new("memory", ["an idle connection, of " + count.ToString("N0", CultureInfo.InvariantCulture), "retained", "more than bare"],
        [
            ["bare", bare.Median().In("F0", "B"), ""],
            ["ActorServer", own.Median().In("F0", "B"), own.Zip(bare, (o, b) => o - b).Median().In("F0", "B")],
        ]);
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
