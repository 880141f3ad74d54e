using System.Diagnostics;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;

namespace ActorServer.Benchmarks;

/// <summary>What a request costs, all of it in this process: short bursts in alternation, the median of the ratios.</summary>
/// <remarks>The clients' own cost is in both, and the log's thread in the second.</remarks>
internal static class RequestCost
{
    private const int Clients = 32;
    private const int Rounds = 120;
    private const int WarmRounds = 3000;

    // Until the log's thread has written what the burst has left.
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(150);

    private static readonly byte[] Request = [.. "GET /plaintext HTTP/1.1\r\nHost: localhost\r\nUser-Agent: "u8,
        .. "Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0\r\n\r\n"u8];

    public static async Task<Report> RunAsync(BenchmarkOptions options)
    {
        var folder = Directory.CreateTempSubdirectory("request-cost-");
        await using var bare = Servers.Bare();
        await using var tracked = Servers.Tracked();
        await using var logged = Servers.Tracked(
            configure: o => (o.AccessLog.Enabled, o.AccessLog.Path) = (true, Path.Combine(folder.FullName, "access.log")));
        WebApplication[] servers = [bare, tracked, logged];
        List<Socket[]> sockets = [];
        foreach (var server in servers)
        {
            await server.StartAsync();
            sockets.Add([.. Enumerable.Range(0, Clients).Select(_ => Connect(new(server.Urls.First())))]);
            Burst(sockets[^1], WarmRounds);
        }

        var costs = servers.Select(_ => new List<Cost>()).ToList();
        for (var pair = 0; pair < (options.Pairs ?? 9); pair++)
        {
            for (var i = 0; i < servers.Length; i++)
            {
                // In turns also within a round: whoever comes first has no advantage of it.
                var server = (pair + i) % servers.Length;
                costs[server].Add(await MeasureAsync(sockets[server]));
            }
        }

        sockets.ForEach(s => Array.ForEach(s, socket => socket.Dispose()));
        // The log's file is open until its server ends.
        await logged.StopAsync();
        folder.Delete(recursive: true);
        return new("requests", ["a request", "CPU", "beside bare", "allocated"],
        [
            .. ((string[])["bare", "tracked", "with the log"]).Zip(costs, (name, cost) => (IReadOnlyList<string>)[
                name,
                cost.Select(c => c.Microseconds).Median().In("F1", "µs"),
                cost.Zip(costs[0], (c, b) => c.Microseconds / b.Microseconds).Median().In("F2"),
                cost.Select(c => c.Bytes).Median().In("F0", "B")]),
        ]);
    }

    private static async Task<Cost> MeasureAsync(Socket[] sockets)
    {
        using var process = Process.GetCurrentProcess();
        var cpu = process.TotalProcessorTime;
        var bytes = GC.GetTotalAllocatedBytes(precise: true);
        Burst(sockets, Rounds);
        await Task.Delay(Settle, TimeProvider.System);
        process.Refresh();
        const int requests = Rounds * Clients;
        return new(
            (process.TotalProcessorTime - cpu).TotalMicroseconds / requests,
            (double)(GC.GetTotalAllocatedBytes(precise: true) - bytes) / requests);
    }

    private static void Burst(Socket[] sockets, int rounds)
    {
        Span<byte> buffer = stackalloc byte[4096];
        for (var round = 0; round < rounds; round++)
        {
            foreach (var socket in sockets)
            {
                socket.Send(Request);
            }

            foreach (var socket in sockets)
            {
                // Small enough to come in one piece.
                socket.Receive(buffer);
            }
        }
    }

    private static Socket Connect(Uri address)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(address.Host, address.Port);
        return socket;
    }

    private readonly record struct Cost(double Microseconds, double Bytes);
}
