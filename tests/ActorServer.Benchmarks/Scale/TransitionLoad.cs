using System.Diagnostics;
using System.Globalization;
using ActorServer.Actors;
using ActorServer.Core;
using ActorServer.TestKit;

namespace ActorServer.Benchmarks;

/// <summary>Status while transitions run: some more connections, whose front end is the benchmark, begin and end requests all the time.</summary>
internal sealed class TransitionLoad(ActorServerNode node, TransitionCount transitions)
{
    private const int Connections = 1000;
    private const int PerSecond = 100_000;

    // A request is two transitions.
    private const int RequestsPerSecond = PerSecond / 2;

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Slot = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    public async Task<ScaleResult> MeasureAsync(ScaleResult result)
    {
        var accepted = transitions.ReachAsync(ConnectionState.New, Connections);
        ConnectionCell[] cells = [.. Enumerable.Range(0, Connections).Select(
            i => node.Accept(string.Create(CultureInfo.InvariantCulture, $"load-{i}"), new FakeTransport()))];
        await accepted;
        using CancellationTokenSource over = new();
        var load = Task.Run(() => RunAsync(cells, over.Token));

        List<double> times = [];
        var (before, start) = (transitions.Total, Stopwatch.GetTimestamp());
        while (Stopwatch.GetElapsedTime(start) < Duration)
        {
            var asked = Stopwatch.GetTimestamp();
            await node.StatusAsync();
            times.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
            await Task.Delay(Pause, TimeProvider.System);
        }

        var rate = (transitions.Total - before) / Stopwatch.GetElapsedTime(start).TotalSeconds;
        await over.CancelAsync();
        await load;
        var closed = transitions.ReachAsync(ConnectionState.Closed, Connections);
        Array.ForEach(cells, static c => c.Closed());
        await closed;
        // Heard behind all those ends.
        await node.StatusAsync();
        return result with { Status = times.Median(), StatusMax = times.Max(), Transitions = rate };
    }

    // As many as are due by now, each on the next connection.
    private static async Task RunAsync(ConnectionCell[] cells, CancellationToken over)
    {
        using PeriodicTimer timer = new(Slot);
        var (start, done) = (Stopwatch.GetTimestamp(), 0L);
        object request = new();
        while (!over.IsCancellationRequested)
        {
            for (var due = (long)(Stopwatch.GetElapsedTime(start).TotalSeconds * RequestsPerSecond); done < due; done++)
            {
                var cell = cells[done % cells.Length];
                cell.RequestStarted(request, "GET", "/load");
                cell.RequestEnded(request, keepAlive: true);
            }

            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }
}
