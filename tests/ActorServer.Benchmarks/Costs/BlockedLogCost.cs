using System.Diagnostics;
using System.Globalization;
using ActorServer.Core;
using ActorServer.Kestrel;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace ActorServer.Benchmarks;

/// <summary>Requests while the access log's target takes nothing, beside the same server without a log: in turns, burst by burst.</summary>
/// <remarks>The clock, not CPU: whether a request ever waits for the log is what is asked.</remarks>
internal static class BlockedLogCost
{
    private const int Requests = 1_000_000;
    private const int Connections = 32;
    private const int RoundsPerBurst = 125;

    public static async Task<Report> RunAsync(BenchmarkOptions options)
    {
        var bursts = options.Pairs ?? Requests / Connections / RoundsPerBurst;
        using BlockedSink sink = new();
        await using var silent = Servers.Tracked();
        await using var blocked = Servers.Tracked(
            prepare: builder => builder.Services.AddSingleton<IAccessSink>(sink), configure: o => o.AccessLog.Enabled = true);
        WebApplication[] servers = [silent, blocked];
        List<LoadClient[]> clients = [];
        foreach (var server in servers)
        {
            await server.StartAsync();
            Uri address = new(server.Urls.First());
            clients.Add([.. Enumerable.Range(0, Connections).Select(_ => LoadClient.Connect(address, http2: false))]);
        }

        List<double>[] rounds = [[], []];
        List<double>[] medians = [[], []];
        for (var burst = 0; burst < bursts; burst++)
        {
            for (var i = 0; i < servers.Length; i++)
            {
                var server = (burst + i) % servers.Length;
                var times = Measure(clients[server]);
                rounds[server].AddRange(times);
                medians[server].Add(times.Median());
            }
        }

        var log = blocked.Services.GetRequiredService<AccessLog>();
        clients.ForEach(all => Array.ForEach(all, client => client.Dispose()));
        sink.Release();
        // A line is made after its answer has gone: the server's stop waits for all of them.
        await blocked.StopAsync();
        var counts = log.Counts!;
        var sent = (long)bursts * RoundsPerBurst * Connections;
        if (counts.Dropped + counts.Written != sent)
        {
            throw new InvalidOperationException($"Of {sent} lines {counts.Written} were written and {counts.Dropped} counted as dropped.");
        }

        var name = string.Create(CultureInfo.InvariantCulture, $"{sent:N0} requests, in rounds of {Connections}");
        return new("blocked-log", [name, "median", "99 %", "99.9 %", "longest", "lines dropped"],
        [
            Row("without a log", rounds[0], ""),
            Row("with a log that is stuck", rounds[1], string.Create(CultureInfo.InvariantCulture, $"{counts.Dropped:N0}, written after it all {counts.Written:N0}: every one")),
            ["the ratio of the medians of bursts", medians[1].Zip(medians[0], (b, s) => b / s).Median().In("F2"), "", "", "", ""],
        ]);
    }

    private static IReadOnlyList<string> Row(string name, List<double> times, string lines)
    {
        var sorted = times.Order().ToList();
        return
        [
            name, At(0.5), At(0.99), At(0.999), sorted[^1].In("F0", "µs"), lines,
        ];

        string At(double share) => sorted[(int)(share * (sorted.Count - 1))].In("F0", "µs");
    }

    // Each round: all its requests sent, and all answered.
    private static List<double> Measure(LoadClient[] clients)
    {
        List<double> times = new(RoundsPerBurst);
        for (var round = 0; round < RoundsPerBurst; round++)
        {
            var start = Stopwatch.GetTimestamp();
            LoadClient.Burst(clients, rounds: 1);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }

        return times;
    }

    /// <summary>A target that takes nothing until it is released.</summary>
    private sealed class BlockedSink : IAccessSink
    {
        private readonly ManualResetEventSlim _release = new();

        public long Written { get; private set; }

        public void Open()
        {
        }

        public void Write(ReadOnlySpan<LoggedRequest> requests)
        {
            _release.Wait();
            Written += requests.Length;
        }

        public void Release() => _release.Set();

        public void Dispose() => _release.Dispose();
    }
}
