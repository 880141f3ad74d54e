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
/// How long it takes to close many idle connections: a drain without any grace, from its request to its report, beside Kestrel's own
/// stop, from its call to its return; and both as the clients see it, up to the last one's end. Both servers are in this process, in
/// turns, the clients in another; the median of the ratios. The first pair warms both up.
/// </summary>
internal static class IdleRace
{
    public static async Task<int> RunAsync(LabOptions options, TextWriter output)
    {
        using var clients = IdleClients.Start();
        List<double> ratios = [], seen = [], tails = [];
        for (var pair = 0; pair <= options.Pairs; pair++)
        {
            var ownFirst = pair % 2 == 0;
            var own = ownFirst ? await DrainAsync(clients, options.Connections) : default;
            var bare = await StopAsync(clients, options.Connections);
            own = ownFirst ? own : await DrainAsync(clients, options.Connections);
            if (pair > 0)
            {
                ratios.Add(own.Said / bare.Said);
                seen.Add(own.Seen / bare.Seen);
                tails.Add(own.Tail.TotalMilliseconds);
            }

            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"{options.Connections} idle connections: ActorServer {own}, bare Kestrel {bare}, "
                + $"ratio {own.Said / bare.Said:F2}, for the clients {own.Seen / bare.Seen:F2}{(pair == 0 ? " (not counted)" : "")}; "
                + $"last close to Drained {own.Tail.TotalMilliseconds:F2} ms"));
        }

        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"median of {options.Pairs} ratios {Median(ratios):F2}, for the clients {Median(seen):F2}; "
            + $"of last close to Drained {Median(tails):F2} ms"));
        return 0;
    }

    private static async Task<Times> StopAsync(IdleClients clients, int count)
    {
        await using var app = Builder().Build();
        await StartAsync(app, clients, count);
        var start = Stopwatch.GetTimestamp();
        await app.StopAsync();
        var said = Stopwatch.GetElapsedTime(start);
        return new(said, Stopwatch.GetElapsedTime(start, await clients.EndedAsync()), default);
    }

    private static async Task<Times> DrainAsync(IdleClients clients, int count)
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

        var seen = Stopwatch.GetElapsedTime(start, await clients.EndedAsync());
        await app.StopAsync();
        return new(Stopwatch.GetElapsedTime(start, drained), seen, Stopwatch.GetElapsedTime(last.Timestamp, drained));
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

    /// <summary>How long it took.</summary>
    /// <param name="Said">Until the server said so.</param>
    /// <param name="Seen">Until the last client's connection ended.</param>
    /// <param name="Tail">From the last connection's end to the drain's.</param>
    private readonly record struct Times(TimeSpan Said, TimeSpan Seen, TimeSpan Tail)
    {
        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture, $"{Said.TotalMilliseconds:F0} ms (clients {Seen.TotalMilliseconds:F0} ms)");
    }

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
