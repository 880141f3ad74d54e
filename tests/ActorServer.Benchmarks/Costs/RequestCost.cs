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
                var what = string.Create(CultureInfo.InvariantCulture, $"{(http2 ? "HTTP/2" : "HTTP/1.1")}, {connections} connections, ");
                rows.AddRange((await MeasureAsync(http2, connections, options.Pairs ?? 41)).Select(cost => (IReadOnlyList<string>)[
                    what + cost.Name,
                    cost.Microseconds.In("F1", "µs"),
                    cost.Ratio.In("F2"),
                    $"{cost.LowerQuartile.In("F2")} to {cost.UpperQuartile.In("F2")}",
                    cost.Bytes.In("F0", "B")]));
            }
        }

        return new("requests", ["a request", "CPU", "beside bare", "half of the ratios", "allocated"], rows);
    }

    /// <summary>Bare, tracked, and with the access log to a file, over one protocol.</summary>
    public static async Task<IReadOnlyList<RequestFigures>> MeasureAsync(
        bool http2, int connections, int pairs, int warmRounds = WarmRounds)
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
        for (var pair = -warmRounds; pair < pairs; pair++)
        {
            for (var i = 0; i < servers.Length; i++)
            {
                // In turns also within a round: whoever comes first has no advantage of it.
                var server = (pair + warmRounds + i) % servers.Length;
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
        return [.. Names.Zip(costs, (name, cost) => RequestFigures.Of(name, cost, costs[0]))];
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

}

/// <summary>What one request took in one burst.</summary>
internal readonly record struct Cost(double Microseconds, double Bytes);

/// <summary>What a request of one server takes: medians, and the ratios beside the bare server.</summary>
internal sealed record RequestFigures(
    string Name, double Microseconds, double Ratio, double LowerQuartile, double UpperQuartile, double Bytes)
{
    public static RequestFigures Of(string name, IReadOnlyList<Cost> costs, IReadOnlyList<Cost> bare)
    {
        var ratios = costs.Zip(bare, (c, b) => c.Microseconds / b.Microseconds).Order().ToList();
        return new(
            name, costs.Select(c => c.Microseconds).Median(), ratios.Median(),
            ratios[ratios.Count / 4], ratios[3 * ratios.Count / 4], costs.Select(c => c.Bytes).Median());
    }
}
