using System.Globalization;
using ActorServer.Actors;
using ActorServer.Core;
using Microsoft.Extensions.DependencyInjection;

namespace ActorServer.Benchmarks;

/// <summary>
/// A steady load for a long time: after each minute, while nothing is on its way, what is retained; at the end the counts, which
/// are those of the clients, or it fails; and so it does when memory has grown.
/// </summary>
internal static class SoakRun
{
    // The smallest object of all, for each connection that was made and is gone: less is no leak of any.
    private const double ObjectBytes = 24;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    public static async Task<Report> RunAsync(BenchmarkOptions options, TextWriter progress)
    {
        var folder = Directory.CreateTempSubdirectory("soak-");
        await using var app = Servers.Tracked(
            prepare: static builder => builder.ListenAlsoHttp2(),
            configure: o =>
            {
                (o.AccessLog.Enabled, o.AccessLog.Path) = (true, Path.Combine(folder.FullName, "access.log"));
                (o.AccessLog.FileSizeMax, o.AccessLog.FilesMax) = (10 << 20, 3);
            });
        await app.StartAsync();
        var addresses = app.Urls.Select(u => new Uri(u)).ToList();
        var server = app.Services.GetRequiredService<IActorServer>();
        using SoakLoad load = new(addresses[0], addresses[1]);
        List<(long Churned, double Bytes)> minutes = [];
        for (var minute = 1; minute <= (options.Minutes ?? 30); minute++)
        {
            await load.RunAsync(Minute);
            minutes.Add((load.Churned, await Servers.CollectAsync()));
            await progress.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"minute {minute}: {load.Requests:N0} requests, {load.Connections:N0} connections, {minutes[^1].Bytes:N0} B retained"));
        }

        load.Dispose();
        while ((await server.StatusAsync()).Connections.Total > 0)
        {
            // The last ends are on their way.
        }

        var totals = (await server.StatusAsync()).Totals;
        NodeTotals expected = new(Accepted: load.Connections, Closed: load.Connections, Requests: load.Requests);
        if (totals != expected)
        {
            throw new InvalidOperationException($"The counts are {totals}, and the clients' are {expected}.");
        }

        await app.StopAsync();
        folder.Delete(recursive: true);
        var growth = Growth(minutes[(minutes.Count / 2)..]);
        if (growth >= ObjectBytes)
        {
            throw new InvalidOperationException($"Memory is not flat: {growth.In("F1", "B")} more for each connection that is gone.");
        }

        return new(
            "soak", ["minutes", "requests", "connections", "retained after the first minute", "after the last", "growth by connection"],
            [[
                minutes.Count.ToString(CultureInfo.InvariantCulture),
                totals.Requests.ToString("N0", CultureInfo.InvariantCulture),
                totals.Accepted.ToString("N0", CultureInfo.InvariantCulture),
                minutes[0].Bytes.In("N0", "B"), minutes[^1].Bytes.In("N0", "B"), growth.In("F2", "B"),
            ]]);
    }

    /// <summary>Bytes for each further connection: the slope of the line that fits best.</summary>
    internal static double Growth(IReadOnlyList<(long Churned, double Bytes)> minutes)
    {
        var (x, y) = (minutes.Average(m => m.Churned), minutes.Average(m => m.Bytes));
        var spread = minutes.Sum(m => (m.Churned - x) * (m.Churned - x));
        return spread == 0 ? 0 : minutes.Sum(m => (m.Churned - x) * (m.Bytes - y)) / spread;
    }
}
