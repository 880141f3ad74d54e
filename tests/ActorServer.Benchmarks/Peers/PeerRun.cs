using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace ActorServer.Benchmarks;

/// <summary>
/// Idle connections of bare Kestrel, of ActorServer and of Go's net/http with a ConnState hook, in one run and in turns: each server
/// in a process of its own, and the clients in another.
/// </summary>
internal static class PeerRun
{
    private const string Source = "ActorServer.Benchmarks.Peers.main.go";

    public static async Task<Report> RunAsync(BenchmarkOptions options, TextWriter progress)
    {
        var (count, pairs) = (options.Connections ?? 10_000, options.Pairs ?? 5);
        var folder = Directory.CreateTempSubdirectory("peers-");
        (string Name, Func<ProcessStartInfo> Start)[] servers =
        [
            ("bare Kestrel", () => IdleClients.OwnProgram(PeerServer.BareArgument)),
            ("ActorServer", () => IdleClients.OwnProgram(PeerServer.OwnArgument)),
            (await BuildAsync(folder.FullName), () => new(Path.Combine(folder.FullName, "peer"))),
        ];
        var figures = servers.Select(_ => new List<Figures>()).ToList();
        using var clients = IdleClients.Start();
        for (var pair = 0; pair < pairs; pair++)
        {
            for (var i = 0; i < servers.Length; i++)
            {
                var server = (pair + i) % servers.Length;
                figures[server].Add(await MeasureAsync(await Peer.StartAsync(servers[server].Start()), clients, count));
                await progress.WriteLineAsync($"{servers[server].Name}: {figures[server][^1]}");
            }
        }

        folder.Delete(recursive: true);
        return new(
            "peers", [count.ToString("N0", CultureInfo.InvariantCulture) + " idle connections", "memory of one", "all ended, it says", "the last client sees it"],
            [.. servers.Zip(figures, (s, f) => (IReadOnlyList<string>)[
                s.Name, f.Select(x => x.Bytes).Median().In("N0", "B"), f.Select(x => x.Said).Median().In("F0", "ms"),
                f.Select(x => x.Seen).Median().In("F0", "ms")])]);
    }

    private static async Task<Figures> MeasureAsync(Peer peer, IdleClients clients, int count)
    {
        using (peer)
        {
            // All that is made once has been made.
            await clients.OpenAsync(peer.Port, 1);
            using (IdleClients more = IdleClients.Start())
            {
                await peer.CollectAsync();
                var before = peer.Bytes;
                await more.OpenAsync(peer.Port, count);
                await peer.CollectAsync();
                var bytes = (double)(peer.Bytes - before) / count;
                var start = Stopwatch.GetTimestamp();
                var said = await peer.StopAsync();
                var seen = Stopwatch.GetElapsedTime(start, await more.EndedAsync());
                await clients.EndedAsync();
                return new(bytes, said.TotalMilliseconds, seen.TotalMilliseconds);
            }
        }
    }

    /// <returns>What it was built with.</returns>
    private static async Task<string> BuildAsync(string folder)
    {
        var source = Path.Combine(folder, "main.go");
        await using (var file = File.Create(source))
        await using (var text = typeof(PeerRun).Assembly.GetManifestResourceStream(Source)!)
        {
            await text.CopyToAsync(file);
        }

        await GoAsync(folder, "build", "-o", Path.Combine(folder, "peer"), source);
        return "Go, net/http: " + (await GoAsync(folder, "version")).Split(' ')[2];
    }

    private static async Task<string> GoAsync(string folder, params string[] arguments)
    {
        try
        {
            using var go = Process.Start(new ProcessStartInfo("go", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true })!;
            var said = await go.StandardOutput.ReadToEndAsync();
            await go.WaitForExitAsync();
            return go.ExitCode == 0 ? said : throw new InvalidOperationException($"go {arguments[0]} failed.");
        }
        catch (Win32Exception exception)
        {
            throw new InvalidOperationException("There is no Go here: the peer cannot be built.", exception);
        }
    }

    /// <summary>What was measured of one server; times in milliseconds.</summary>
    private readonly record struct Figures(double Bytes, double Said, double Seen)
    {
        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture, $"{Bytes:F0} B each, ended in {Said:F0} ms, seen after {Seen:F0} ms");
    }
}
