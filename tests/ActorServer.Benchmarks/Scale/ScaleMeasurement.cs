using System.Diagnostics;
using ActorServer.Actors;
using ActorServer.Core;
using Microsoft.Extensions.DependencyInjection;

namespace ActorServer.Benchmarks;

/// <summary>One server with so many connections, each served once.</summary>
internal static class ScaleMeasurement
{
    private const int PagesMax = 100;
    private const int Asked = 100;

    /// <summary>Bytes retained for each connection by a bare Kestrel.</summary>
    public static async Task<double> BareAsync(Crowd crowd)
    {
        using (crowd)
        {
            await using var app = Servers.Bare(crowd.Memory);
            await app.StartAsync();
            var before = await Servers.CollectAsync();
            await crowd.ConnectAsync(app);
            await crowd.AskAsync();
            var bytes = (double)(await Servers.CollectAsync() - before) / crowd.Count;
            await app.StopAsync();
            return bytes;
        }
    }

    /// <summary>All that is measured of ActorServer.</summary>
    public static async Task<ScaleResult> TrackedAsync(Crowd crowd)
    {
        using (crowd)
        {
            TransitionCount transitions = new();
            await using var app = Servers.Tracked(
                crowd.Memory, builder => builder.Services.AddSingleton<IConnectionObserver>(transitions));
            await app.StartAsync();
            var server = app.Services.GetRequiredService<IActorServer>();
            var before = await Servers.CollectAsync();

            var start = Stopwatch.GetTimestamp();
            var spawned = transitions.ReachAsync(ConnectionState.New, crowd.Count);
            await crowd.ConnectAsync(app);
            await spawned;
            var spawnRate = crowd.Count / Stopwatch.GetElapsedTime(start).TotalSeconds;
            await crowd.AskAsync();
            while ((await server.StatusAsync()).Connections.Idle < crowd.Count)
            {
                // The last answers are known to their clients before their actors have said Idle.
            }

            ScaleResult result = new(crowd.Count)
            {
                SpawnRate = spawnRate,
                Bytes = (double)(await Servers.CollectAsync() - before) / crowd.Count,
            };
            result = result with { Page = await PageAsync(server), StatusIdle = await StatusAsync(server) };
            result = await new TransitionLoad((ActorServerNode)server, transitions).MeasureAsync(result);
            result = await DrainAsync(server, transitions, result);
            await app.StopAsync();
            return result;
        }
    }

    // The pages of the whole list, or as many of them as tell.
    private static async Task<double> PageAsync(IActorServer server)
    {
        List<double> times = [];
        long? cursor = null;
        do
        {
            var start = Stopwatch.GetTimestamp();
            cursor = (await server.ConnectionsAsync(new ConnectionQuery { Cursor = cursor })).Next;
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        while (cursor is not null && times.Count < PagesMax);
        return times.Median();
    }

    private static async Task<double> StatusAsync(IActorServer server)
    {
        List<double> times = [];
        for (var i = 0; i < Asked; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await server.StatusAsync();
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return times.Median();
    }

    private static async Task<ScaleResult> DrainAsync(IActorServer server, TransitionCount transitions, ScaleResult result)
    {
        await Servers.CollectAsync();
        var paused = GC.GetTotalPauseDuration();
        var start = Stopwatch.GetTimestamp();
        var report = await server.DrainAsync();
        var drained = Stopwatch.GetTimestamp();
        paused = GC.GetTotalPauseDuration() - paused;
        if (report.Closed + report.Completed != result.Connections || report.Aborted != 0)
        {
            throw new InvalidOperationException($"Not all have closed by themselves: {report}");
        }

        return result with
        {
            Drain = Stopwatch.GetElapsedTime(start, drained).TotalMilliseconds,
            Paused = paused.TotalMilliseconds,
            Tail = Stopwatch.GetElapsedTime(transitions.LastClose, drained).TotalMilliseconds,
        };
    }
}
