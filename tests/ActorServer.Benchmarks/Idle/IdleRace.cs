using System.Diagnostics;
using System.Globalization;
using ActorServer.Actors;
using ActorServer.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace ActorServer.Benchmarks;

/// <summary>
/// How long it takes to close many idle connections: a drain without any grace, from its request to its report, beside Kestrel's own
/// stop, from its call to its return; and both as the clients see it, up to the last one's end. Both servers are in this process, in
/// turns, the clients in another; the median of the ratios. The first pair warms both up.
/// </summary>
internal static class IdleRace
{
    public static async Task<Report> RunAsync(BenchmarkOptions options, TextWriter progress)
    {
        var count = options.Connections ?? 10_000;
        var figures = await MeasureAsync(count, options.Pairs ?? 9, progress);
        return new("idle-race", ["closing " + count.ToString("N0", CultureInfo.InvariantCulture) + " idle connections", "bare Kestrel", "ActorServer", "ratio"],
        [
            Row("until the server says so", figures.Said),
            Row("until the last client sees it", figures.Seen),
            ["last close to Drained", "", figures.Tail.In("F2", "ms"), ""],
        ]);
    }

    /// <summary>Both, in milliseconds, medians.</summary>
    public static async Task<(Race Said, Race Seen, double Tail)> MeasureAsync(int count, int pairs, TextWriter progress)
    {
        using var clients = IdleClients.Start();
        List<Times> own = [], bare = [];
        for (var pair = 0; pair <= pairs; pair++)
        {
            var ownFirst = pair % 2 == 0;
            var drained = ownFirst ? await DrainAsync(clients, count) : default;
            var stopped = await StopAsync(clients, count);
            drained = ownFirst ? drained : await DrainAsync(clients, count);
            if (pair > 0)
            {
                own.Add(drained);
                bare.Add(stopped);
            }

            await progress.WriteLineAsync($"{count} idle connections: ActorServer {drained}, bare Kestrel {stopped}{(pair == 0 ? " (not counted)" : "")}");
        }

        return (
            Of(own, bare, static t => t.Said), Of(own, bare, static t => t.Seen),
            own.Select(static t => t.Tail.TotalMilliseconds).Median());
    }

    private static Race Of(IReadOnlyList<Times> own, IReadOnlyList<Times> bare, Func<Times, TimeSpan> of) => new(
        bare.Select(t => of(t).TotalMilliseconds).Median(), own.Select(t => of(t).TotalMilliseconds).Median(),
        own.Zip(bare, (o, b) => of(o) / of(b)).Median());

    private static IReadOnlyList<string> Row(string name, Race race)
        => [name, race.Bare.In("F0", "ms"), race.Own.In("F0", "ms"), race.Ratio.In("F2")];

    private static async Task<Times> StopAsync(IdleClients clients, int count)
    {
        await using var app = Servers.Bare();
        await StartAsync(app, clients, count);
        var start = Stopwatch.GetTimestamp();
        await app.StopAsync();
        var said = Stopwatch.GetElapsedTime(start);
        return new(said, Stopwatch.GetElapsedTime(start, await clients.EndedAsync()), default);
    }

    private static async Task<Times> DrainAsync(IdleClients clients, int count)
    {
        LastClose last = new();
        await using var app = Servers.Tracked(prepare: builder => builder.Services.AddSingleton<IConnectionObserver>(last));
        await StartAsync(app, clients, count);
        var server = app.Services.GetRequiredService<IActorServer>();
        var start = Stopwatch.GetTimestamp();
        var report = await server.DrainAsync();
        var drained = Stopwatch.GetTimestamp();
        if (report.Closed + report.Completed != count)
        {
            throw new InvalidOperationException($"Of {count} connections {report.Closed + report.Completed} were closed.");
        }

        var seen = Stopwatch.GetElapsedTime(start, await clients.EndedAsync());
        await app.StopAsync();
        return new(Stopwatch.GetElapsedTime(start, drained), seen, Stopwatch.GetElapsedTime(last.Timestamp, drained));
    }

    private static async Task StartAsync(WebApplication app, IdleClients clients, int count)
    {
        await app.StartAsync();
        await clients.OpenAsync(new Uri(app.Urls.Single()).Port, count);
        await Servers.CollectAsync();
    }

    /// <summary>One beside the other.</summary>
    internal readonly record struct Race(double Bare, double Own, double Ratio);

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
