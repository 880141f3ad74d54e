using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace ActorServer.DrainLab;

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

    public static async Task<int> RunAsync(LabOptions options, TextWriter output)
    {
        var folder = Directory.CreateTempSubdirectory("request-cost-");
        await using var bare = Make(null);
        await using var tracked = Make(log => log.Enabled = false);
        await using var logged = Make(log => (log.Enabled, log.Path) = (true, Path.Combine(folder.FullName, "access.log")));
        WebApplication[] servers = [bare, tracked, logged];
        List<Socket[]> sockets = [];
        foreach (var server in servers)
        {
            await server.StartAsync();
            sockets.Add([.. Enumerable.Range(0, Clients).Select(_ => Connect(new(server.Urls.First())))]);
            Burst(sockets[^1], WarmRounds);
        }

        var costs = servers.Select(_ => new List<Cost>()).ToList();
        for (var pair = 0; pair < options.Pairs; pair++)
        {
            for (var i = 0; i < servers.Length; i++)
            {
                // In turns also within a round: whoever comes first has no advantage of it.
                var server = (pair + i) % servers.Length;
                costs[server].Add(await MeasureAsync(sockets[server]));
            }
        }

        await output.WriteLineAsync("| a request | CPU | beside bare | allocated |\n|---|---|---|---|");
        foreach (var (name, cost) in ((string[])["bare", "tracked", "with the log"]).Zip(costs))
        {
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"| {name} | {Median(cost.Select(c => c.Microseconds)):F1} µs "
                + $"| {Median(cost.Zip(costs[0], (c, b) => c.Microseconds / b.Microseconds)):F2} | {Median(cost.Select(c => c.Bytes)):F0} B |"));
        }

        sockets.ForEach(s => Array.ForEach(s, socket => socket.Dispose()));
        folder.Delete(recursive: true);
        return 0;
    }

    private static WebApplication Make(Action<Core.AccessLogOptions>? log)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        if (log is not null)
        {
            builder.AddActorServer(options =>
            {
                options.Drain.HandleSignals = false;
                options.Drain.Budget = Core.Duration.Zero;
                log(options.AccessLog);
            });
        }

        var application = builder.Build();
        application.MapGet("/plaintext", () => "Hello, World!");
        return application;
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

    private static double Median(IEnumerable<double> values) => values.Order().ToArray() is var sorted ? sorted[sorted.Length / 2] : 0;

    private readonly record struct Cost(double Microseconds, double Bytes);
}
