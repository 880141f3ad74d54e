using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ActorServer.DrainLab;

/// <summary>A real HAProxy before the nodes: it asks each whether it is ready, and gives those that are not nothing new.</summary>
internal sealed class Balancer : IAsyncDisposable
{
    private const string StatisticsPath = "/haproxy";

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan StartWaitMax = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly string _file;

    private Balancer(Process process, string file, Uri address) => (_process, _file, Address) = (process, file, address);

    /// <summary>Where HAProxy is; null where it is not.</summary>
    public static string? Program { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Append("/usr/sbin").Select(folder => Path.Combine(folder, "haproxy")).FirstOrDefault(File.Exists);

    /// <summary>Where the clients come.</summary>
    public Uri Address { get; }

    /// <summary>Starts it, and waits until it takes connections.</summary>
    /// <param name="nodes">The nodes' own endpoints.</param>
    public static async Task<Balancer> StartAsync(IReadOnlyList<IPEndPoint> nodes)
    {
        var port = Ports.Free();
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, Configuration(port, nodes));
        var process = Process.Start(new ProcessStartInfo(Program!, ["-db", "-f", file]) { RedirectStandardError = true, RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("HAProxy does not start.");
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        Balancer balancer = new(process, file, new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")));
        await balancer.ListensAsync();
        return balancer;
    }

    /// <summary>Completes when it sends a node traffic.</summary>
    /// <param name="node">Which: 0 is the first.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task ServesAsync(int node, CancellationToken cancellationToken)
    {
        using HttpClient client = new() { BaseAddress = Address };
        using PeriodicTimer timer = new(LookInterval);
        while (!IsUp(await client.GetStringAsync($"{StatisticsPath};csv", cancellationToken), $"nodes,node{node + 1},"))
        {
            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        File.Delete(_file);
    }

    private static string Configuration(int port, IReadOnlyList<IPEndPoint> nodes)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"""
            global
                maxconn 1000
            defaults
                mode http
                timeout connect 2s
                timeout check 2s
                timeout client 30s
                timeout server 30s
                retries 3
                option redispatch 1
                retry-on conn-failure
            frontend application
                bind 127.0.0.1:{port}
                stats enable
                stats uri {StatisticsPath}
                default_backend nodes
            backend nodes
                balance roundrobin
                option httpchk GET /readyz
                default-server check inter 100ms fall 1 rise 1

            """);
        for (var i = 0; i < nodes.Count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"    server node{i + 1} {nodes[i]}\n");
        }

        return text.ToString();
    }

    // The line of a server: its backend, its name …, its status.
    private static bool IsUp(string statistics, string server)
        => statistics.Split('\n').Single(line => line.StartsWith(server, StringComparison.Ordinal)).Split(',').Contains("UP");

    private async Task ListensAsync()
    {
        using CancellationTokenSource patience = new(StartWaitMax);
        using PeriodicTimer timer = new(LookInterval);
        while (true)
        {
            using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(Address.Host, Address.Port, patience.Token);
                return;
            }
            catch (SocketException) when (!_process.HasExited)
            {
                await timer.WaitForNextTickAsync(patience.Token);
            }
        }
    }
}
