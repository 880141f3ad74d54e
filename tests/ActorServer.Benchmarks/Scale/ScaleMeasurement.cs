using System.Diagnostics;
using System.Net;
using ActorServer.Actors;
using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace ActorServer.Benchmarks;

/// <summary>One server with so many connections in memory, each served once.</summary>
internal static class ScaleMeasurement
{
    private const int PagesMax = 100;
    private const int Asked = 100;

    private static readonly byte[] Request = "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray();

    // Enough to keep the server busy; each waits for its answers.
    private static readonly int Openers = 4 * Environment.ProcessorCount;

    /// <summary>Bytes retained for each connection by a bare Kestrel.</summary>
    public static async Task<double> BareAsync(int count)
    {
        InMemoryTransport memory = new();
        var clients = new InMemoryConnection[count];
        await using var app = Servers.Bare(memory);
        await app.StartAsync();
        var before = await Servers.CollectAsync();
        await ConnectAsync(memory, app, clients);
        await AskAsync(clients);
        var bytes = (double)(await Servers.CollectAsync() - before) / count;
        await app.StopAsync();
        return bytes;
    }

    /// <summary>All that is measured of ActorServer.</summary>
    public static async Task<ScaleResult> TrackedAsync(int count)
    {
        InMemoryTransport memory = new();
        var clients = new InMemoryConnection[count];
        TransitionCount transitions = new();
        await using var app = Servers.Tracked(memory, builder => builder.Services.AddSingleton<IConnectionObserver>(transitions));
        await app.StartAsync();
        var before = await Servers.CollectAsync();

        var start = Stopwatch.GetTimestamp();
        var spawned = transitions.ReachAsync(ConnectionState.New, count);
        await ConnectAsync(memory, app, clients);
        await spawned;
        var spawnRate = count / Stopwatch.GetElapsedTime(start).TotalSeconds;
        var idle = transitions.ReachAsync(ConnectionState.Idle, count);
        await AskAsync(clients);
        await idle;

        ScaleResult result = new(count) { SpawnRate = spawnRate, Bytes = (double)(await Servers.CollectAsync() - before) / count };
        var server = app.Services.GetRequiredService<IActorServer>();
        result = result with { Page = await PageAsync(server), StatusIdle = await StatusAsync(server) };
        result = await new TransitionLoad((ActorServerNode)server, transitions).MeasureAsync(result);
        result = await DrainAsync(server, transitions, result);
        await app.StopAsync();
        GC.KeepAlive(clients);
        return result;
    }

    private static Task ConnectAsync(InMemoryTransport memory, WebApplication app, InMemoryConnection[] clients)
    {
        IPEndPoint endPoint = new(IPAddress.Loopback, new Uri(app.Urls.Single()).Port);
        return ForEachAsync(clients.Length, async (i, _) => clients[i] = await memory.ConnectAsync(endPoint));
    }

    private static Task AskAsync(InMemoryConnection[] clients) => ForEachAsync(clients.Length, async (i, buffer) =>
    {
        await clients[i].WriteAsync(Request);
        // The answer comes in one piece or more; it ends with the last chunk.
        var read = 0;
        while (!buffer.AsSpan(0, read).EndsWith("hello\r\n0\r\n\r\n"u8))
        {
            var count = await clients[i].ReadAsync(buffer.AsMemory(read));
            read += count > 0 ? count : throw new InvalidOperationException("A connection has ended without an answer.");
        }
    });

    private static Task ForEachAsync(int count, Func<int, byte[], ValueTask> act) => Task.WhenAll(Enumerable.Range(0, Openers).Select(
        opener => Task.Run(async () =>
        {
            var buffer = new byte[4096];
            for (var i = opener; i < count; i += Openers)
            {
                await act(i, buffer);
            }
        })));

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
        var start = Stopwatch.GetTimestamp();
        var report = await server.DrainAsync();
        var drained = Stopwatch.GetTimestamp();
        if (report.Closed + report.Completed != result.Connections || report.Aborted != 0)
        {
            throw new InvalidOperationException($"Not all have closed by themselves: {report}");
        }

        return result with
        {
            Drain = Stopwatch.GetElapsedTime(start, drained).TotalMilliseconds,
            Tail = Stopwatch.GetElapsedTime(transitions.LastClose, drained).TotalMilliseconds,
        };
    }
}
