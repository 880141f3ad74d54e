using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ActorServer.Actors;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace ActorServer.Benchmarks;

/// <summary>What a connection costs that is opened, served once and closed by its client: short bursts in turns, the median of the ratios.</summary>
/// <remarks>The clients' own cost, and the kernel's, are in both.</remarks>
internal static class ChurnCost
{
    private const int Clients = 8;
    private const int PerBurst = 800;
    private const int WarmBursts = 30;

    // Every burst has a client address of its own: its ports are all free.
    private const int FirstAddress = 0x7f000101;

    private static readonly byte[] Request = "GET /plaintext HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray();

    public static async Task<Report> RunAsync(BenchmarkOptions options)
    {
        var (bare, own, ratio) = await MeasureAsync(options.Pairs ?? 41);
        return new("churn", ["connect, request, close", "CPU", "beside bare"],
        [
            ["bare", bare.In("F1", "µs"), 1.0.In("F2")],
            ["ActorServer", own.In("F1", "µs"), ratio.In("F2")],
        ]);
    }

    /// <summary>CPU of one connection in microseconds, medians.</summary>
    public static async Task<(double Bare, double Own, double Ratio)> MeasureAsync(int pairs)
    {
        await using var bare = Servers.Bare();
        await using var tracked = Servers.Tracked();
        WebApplication[] servers = [bare, tracked];
        var burst = 0;
        foreach (var server in servers)
        {
            await server.StartAsync();
            for (var i = 0; i < WarmBursts; i++)
            {
                await MeasureAsync(server, burst++);
            }
        }

        List<double>[] costs = [[], []];
        for (var pair = 0; pair < pairs; pair++)
        {
            for (var i = 0; i < servers.Length; i++)
            {
                var server = (pair + i) % servers.Length;
                costs[server].Add(await MeasureAsync(servers[server], burst++));
            }
        }

        return (costs[0].Median(), costs[1].Median(), costs[1].Zip(costs[0], (c, b) => c / b).Median());
    }

    // CPU of one connection, in microseconds.
    private static async Task<double> MeasureAsync(WebApplication server, int burst)
    {
        var port = new Uri(server.Urls.First()).Port;
        IPAddress address = new(IPAddress.HostToNetworkOrder(FirstAddress + burst) & 0xffffffffL);
        using var process = Process.GetCurrentProcess();
        var cpu = process.TotalProcessorTime;
        // On threads of their own: the pool's are the server's.
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Factory.StartNew(
            () =>
            {
                var buffer = new byte[4096];
                for (var i = 0; i < PerBurst / Clients; i++)
                {
                    ServeOnce(address, port, buffer);
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        while (server.Services.GetService<IActorServer>() is { } own && (await own.StatusAsync()).Connections.Total > 0)
        {
            // The ends of the last ones are a part of the cost.
        }

        process.Refresh();
        return (process.TotalProcessorTime - cpu).TotalMicroseconds / PerBurst;
    }

    private static void ServeOnce(IPAddress address, int port, byte[] buffer)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Bind(new IPEndPoint(address, 0));
        socket.Connect(IPAddress.Loopback, port);
        socket.Send(Request);
        // Small enough to come in one piece.
        socket.Receive(buffer);
    }
}
