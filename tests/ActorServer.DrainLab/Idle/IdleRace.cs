using System.Diagnostics;
using System.Globalization;
using ActorServer.Actors;
using ActorServer.Core;
using ActorServer.Kestrel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ActorServer.DrainLab;

/// <summary>
/// How long it takes from the stop to the end of the last of many idle connections: ActorServer without any grace beside Kestrel's own
/// stop. Both in this process, in turns, the clients in another; the median of the ratios. The first pair warms both up.
/// </summary>
internal static class IdleRace
{
    public static async Task<int> RunAsync(LabOptions options, TextWriter output)
    {
        using var clients = IdleClients.Start();
        List<double> ratios = [];
        List<double> tails = [];
        for (var pair = 0; pair <= options.Pairs; pair++)
        {
            var ownFirst = pair % 2 == 0;
            var (own, tail) = ownFirst ? await DrainAsync(clients, options.Connections) : default;
            var bare = await StopAsync(clients, options.Connections);
            (own, tail) = ownFirst ? (own, tail) : await DrainAsync(clients, options.Connections);
            if (pair > 0)
            {
                ratios.Add(own / bare);
                tails.Add(tail.TotalMilliseconds);
            }

            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"{options.Connections} idle connections: ActorServer {own.TotalMilliseconds:F0} ms, bare Kestrel {bare.TotalMilliseconds:F0} ms, "
                + $"ratio {own / bare:F2}{(pair == 0 ? " (not counted)" : "")}; last close to Drained {tail.TotalMilliseconds:F2} ms"));
        }

        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"median of {options.Pairs} ratios {Median(ratios):F2}, of last close to Drained {Median(tails):F2} ms"));
        return 0;
    }

    private static async Task<TimeSpan> StopAsync(IdleClients clients, int count)
    {
        await using var app = Builder().Build();
        await StartAsync(app, clients, count);
        var start = Stopwatch.GetTimestamp();
        await app.StopAsync();
        return Stopwatch.GetElapsedTime(start, await clients.EndedAsync());
    }

    private static async Task<(TimeSpan LastEnd, TimeSpan Tail)> DrainAsync(IdleClients clients, int count)
    {
        var builder = Builder();
        LastClose last = new();
        builder.Services.AddSingleton<IConnectionObserver>(last);
        builder.AddActorServer(static o =>
            (o.Drain.LameDuck, o.Drain.Spread, o.Drain.IdleGrace, o.Drain.SilentGrace) = (NoTime, NoTime, NoTime, NoTime));
        await using var app = builder.Build();
        await StartAsync(app, clients, count);
        var server = app.Services.GetRequiredService<IActorServer>();
        var start = Stopwatch.GetTimestamp();
        var report = await server.DrainAsync();
        var drained = Stopwatch.GetTimestamp();
        if (report.Closed != count)
        {
            throw new InvalidOperationException($"Of {count} connections {report.Closed} were closed.");
        }

        var elapsed = Stopwatch.GetElapsedTime(start, await clients.EndedAsync());
        await app.StopAsync();
        return (elapsed, Stopwatch.GetElapsedTime(last.Timestamp, drained));
    }

    private static Duration NoTime => Duration.Zero;

    private static WebApplicationBuilder Builder()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        return builder;
    }

    private static async Task StartAsync(WebApplication app, IdleClients clients, int count)
    {
        app.MapGet("/hello", () => "hello");
        await app.StartAsync();
        await clients.OpenAsync(new Uri(app.Urls.Single()).Port, count);
        // Neither pays for the other's rubbish; and what waits is old, as idle connections are.
        for (var generation = 0; generation <= GC.MaxGeneration; generation++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    /// <summary>When the last connection's actor published its end.</summary>
    private sealed class LastClose : IConnectionObserver
    {
        private long _timestamp;

        public long Timestamp => Volatile.Read(ref _timestamp);

        public bool IsInline => true;

        public void OnTransition(ConnectionTransition transition)
        {
            if (transition.To == ConnectionState.Closed)
            {
                Volatile.Write(ref _timestamp, Stopwatch.GetTimestamp());
            }
        }
    }
}
