using System.Diagnostics;
using System.Globalization;

namespace ActorServer.Benchmarks;

/// <summary>A server's process.</summary>
internal sealed class Peer : IDisposable
{
    private readonly Process _process;

    private Peer(Process process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    /// <summary>Pages in memory that are the process's own.</summary>
    public long Bytes
    {
        get
        {
            var line = File.ReadLines($"/proc/{_process.Id}/smaps_rollup").First(l => l.StartsWith("Anonymous:", StringComparison.Ordinal));
            return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
    }

    public static async Task<Peer> StartAsync(ProcessStartInfo start)
    {
        (start.RedirectStandardInput, start.RedirectStandardOutput) = (true, true);
        var process = Process.Start(start)!;
        return new(process, int.Parse(await ReadAsync(process), CultureInfo.InvariantCulture));
    }

    /// <summary>Gives back what it does not need.</summary>
    public Task CollectAsync() => AskAsync("collect");

    /// <summary>Ends all connections.</summary>
    /// <returns>How long that took, as it says itself.</returns>
    public async Task<TimeSpan> StopAsync()
        => TimeSpan.FromMicroseconds(long.Parse(await AskAsync("stop"), CultureInfo.InvariantCulture));

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }

    private static async Task<string> ReadAsync(Process process)
        => await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("A server's process has ended.");

    private async Task<string> AskAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        return await ReadAsync(_process);
    }
}
