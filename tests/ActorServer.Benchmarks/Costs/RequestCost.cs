using System.Diagnostics;
using System.Globalization;
using ActorServer.Kestrel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace ActorServer.Benchmarks;

/// <summary>What a request costs, all of it in this process: short bursts in alternation, the median of the ratios.</summary>
/// <remarks>The clients' own cost is in both, and the log's thread in the last.</remarks>
internal static class RequestCost
{
    private const int BurstRequests = 3_840;
    // The runtime optimizes a method some time after it has seen it often, and what it calls later than that.
    private const int WarmRounds = 20;

    private static readonly int[] Connections = [1, 32, 256];
    private static readonly string[] Names = ["bare", "tracked", "with the log"];

    public static async Task<Report> RunAsync(BenchmarkOptions options)
    {
        List<IReadOnlyList<string>> rows = [];
        foreach (var http2 in (bool[])[false, true])
        {
            foreach (var connections in options.Connections is { } only ? [only] : Connections)
            {
                rows.AddRange(await RowsAsync(options, http2, connections));
            }
        }

        return new("requests", ["a request", "CPU", "beside bare", "half of the ratios", "allocated"], rows);
    }

    private static async Task<IEnumerable<IReadOnlyList<string>>> RowsAsync(BenchmarkOptions options, bool http2, int connections)
    {
        var folder = Directory.CreateTempSubdirectory("request-cost-");
        var protocols = http2 ? HttpProtocols.Http2 : HttpProtocols.Http1;
        await using var bare = Servers.Bare(protocols: protocols);
        await using var tracked = Servers.Tracked(protocols: protocols);
        await using var logged = Servers.Tracked(
            protocols: protocols,
            configure: o => (o.AccessLog.Enabled, o.AccessLog.Path) = (true, Path.Combine(folder.FullName, "access.log")));
        WebApplication[] servers = [bare, tracked, logged];
        List<LoadClient[]> clients = [];
        foreach (var server in servers)
        {
            await server.StartAsync();
            Uri address = new(server.Urls.First());
            clients.Add([.. Enumerable.Range(0, connections).Select(_ => LoadClient.Connect(address, http2))]);
        }

        var costs = servers.Select(_ => new List<Cost>()).ToList();
        for (var pair = -WarmRounds; pair < (options.Pairs ?? 41); pair++)
        {
            for (var i = 0; i < servers.Length; i++)
            {
                // In turns also within a round: whoever comes first has no advantage of it.
                var server = (pair + WarmRounds + i) % servers.Length;
                var cost = await MeasureAsync(servers[server], clients[server]);
                if (pair >= 0)
                {
                    costs[server].Add(cost);
                }
            }
        }

        clients.ForEach(all => Array.ForEach(all, client => client.Dispose()));
        // The log's file is open until its server ends.
        await logged.StopAsync();
        folder.Delete(recursive: true);
        var what = string.Create(CultureInfo.InvariantCulture, $"{(http2 ? "HTTP/2" : "HTTP/1.1")}, {connections} connections, ");
        return Names.Zip(costs, (name, cost) =>
        {
            var ratios = cost.Zip(costs[0], (c, b) => c.Microseconds / b.Microseconds).Order().ToList();
            return (IReadOnlyList<string>)[
                what + name,
                cost.Select(c => c.Microseconds).Median().In("F1", "µs"),
                ratios.Median().In("F2"),
                $"{ratios[ratios.Count / 4].In("F2")} to {ratios[3 * ratios.Count / 4].In("F2")}",
                cost.Select(c => c.Bytes).Median().In("F0", "B")];
        });
    }

    private static async Task<Cost> MeasureAsync(WebApplication server, LoadClient[] clients)
    {
        using var process = Process.GetCurrentProcess();
        var cpu = process.TotalProcessorTime;
        var bytes = GC.GetTotalAllocatedBytes(precise: true);
        var rounds = Math.Max(1, BurstRequests / clients.Length);
        LoadClient.Burst(clients, rounds);
        if (server.Services.GetService<AccessLog>() is { } log)
        {
            // What the burst has left to the log's thread is a part of its cost.
            await log.FlushAsync();
        }

        process.Refresh();
        double requests = rounds * clients.Length;
        return new(
            (process.TotalProcessorTime - cpu).TotalMicroseconds / requests,
            (GC.GetTotalAllocatedBytes(precise: true) - bytes) / requests);
    }

    private readonly record struct Cost(double Microseconds, double Bytes);
}
