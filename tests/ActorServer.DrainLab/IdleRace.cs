#pragma warning disable CA1861 // Arrays made once a run.
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ActorServer.DrainLab;

/// <summary>
/// How long it takes from the signal to the end of the last of many idle connections: ActorServer without any grace beside a bare
/// Kestrel's own stop, in pairs, the median of the ratios.
/// </summary>
internal static class IdleRace
{
    // Each address of loopback has ports enough of its own.
    private const int PerAddress = 2000;
    private const int FirstAddress = 0x7f000002;

    private static readonly TimeSpan ExitWaitMax = TimeSpan.FromSeconds(60);

    public static async Task<int> RunAsync(LabOptions options, TextWriter output)
    {
        List<double> ratios = [];
        for (var i = 0; i < options.Pairs; i++)
        {
            var own = await MeasureAsync(ServerKind.ActorServer, options.Connections);
            var bare = await MeasureAsync(ServerKind.Bare, options.Connections);
            ratios.Add(own / bare);
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"{options.Connections} idle connections: ActorServer {own.TotalMilliseconds:F0} ms, bare Kestrel {bare.TotalMilliseconds:F0} ms, ratio {own / bare:F2}"));
        }

        ratios.Sort();
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"median ratio {ratios[ratios.Count / 2]:F2}"));
        return 0;
    }

    private static async Task<TimeSpan> MeasureAsync(ServerKind kind, int count)
    {
        string[] settings = kind == ServerKind.ActorServer
            ? [.. new[] { "LameDuck", "Spread", "IdleGrace", "SilentGrace" }.Select(key => $"--ActorServer:Drain:{key}=0")]
            : [];
        await using var server = await ServerProcess.StartAsync(kind, settings);
        var idle = Open(server.Site.Plain, count);
        var time = TimeProvider.System;
        var start = time.GetTimestamp();
        server.Terminate();
        // One after the other, by one thread that sleeps in the kernel: as little as possible is taken from the server.
        var buffer = new byte[1];
        foreach (var socket in idle)
        {
            End(socket, buffer);
        }

        var elapsed = time.GetElapsedTime(start);
        using CancellationTokenSource patience = new(ExitWaitMax);
        await server.ExitedAsync(patience.Token);
        return elapsed;
    }

    private static List<Socket> Open(IPEndPoint server, int count)
    {
        var request = Encoding.ASCII.GetBytes("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
        var buffer = new byte[4096];
        List<Socket> sockets = [];
        for (var i = 0; i < count; i++)
        {
            Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            socket.Bind(new IPEndPoint(IPAddress.HostToNetworkOrder(FirstAddress + (i / PerAddress)) & 0xffffffffL, 0));
            socket.Connect(server);
            socket.Send(request);
            // The answer is one segment.
            _ = socket.Receive(buffer);
            sockets.Add(socket);
        }

        return sockets;
    }

    private static void End(Socket socket, byte[] buffer)
    {
        try
        {
            _ = socket.Receive(buffer);
        }
        catch (SocketException)
        {
            // A reset is an end too.
        }

        socket.Dispose();
    }
}
