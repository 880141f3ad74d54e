using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ActorServer.Benchmarks;

/// <summary>Many idle connections, held by a process of its own: it is told what to do by lines, and answers by lines.</summary>
internal sealed class IdleClients : IDisposable
{
    /// <summary>The command line that makes this program the clients' process.</summary>
    public const string Argument = "--idle-clients";

    // Each address of loopback has ports enough of its own.
    private const int PerAddress = 2000;
    private const int FirstAddress = 0x7f000002;

    private readonly Process _process;

    private IdleClients(Process process) => _process = process;

    public static IdleClients Start()
    {
        var start = OwnProgram(Argument);
        (start.RedirectStandardInput, start.RedirectStandardOutput) = (true, true);
        return new(Process.Start(start)!);
    }

    /// <summary>This program, once more.</summary>
    public static ProcessStartInfo OwnProgram(string argument) => new(
        Environment.ProcessPath!,
        // Started as "dotnet this.dll", or as a program of its own.
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
            ? [typeof(IdleClients).Assembly.Location, argument]
            : [argument]);

    /// <summary>Opens connections; each has had its answer when this completes.</summary>
    public async Task OpenAsync(int port, int count)
    {
        await _process.StandardInput.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{port} {count}"));
        _ = await ReadAsync();
    }

    /// <summary>Waits until all have ended.</summary>
    /// <returns>When the last one did, by the clock of <see cref="Stopwatch"/>, which is the same in all processes.</returns>
    public async Task<long> EndedAsync() => long.Parse(await ReadAsync(), CultureInfo.InvariantCulture);

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }

    /// <summary>The clients' process.</summary>
    public static void Run(TextReader input, TextWriter output)
    {
        while (input.ReadLine()?.Split(' ') is [var port, var count])
        {
            var sockets = Open(int.Parse(port, CultureInfo.InvariantCulture), int.Parse(count, CultureInfo.InvariantCulture));
            output.WriteLine("open");
            output.Flush();
            // One after the other, by one thread that sleeps in the kernel: as little as possible is taken from the server.
            var buffer = new byte[1];
            foreach (var socket in sockets)
            {
                AwaitEnd(socket, buffer);
            }

            output.WriteLine(Stopwatch.GetTimestamp().ToString(CultureInfo.InvariantCulture));
            output.Flush();
            sockets.ForEach(static s => s.Dispose());
        }
    }

    private async Task<string> ReadAsync()
        => await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The clients' process has ended.");

    private static List<Socket> Open(int port, int count)
    {
        var request = Encoding.ASCII.GetBytes("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
        var buffer = new byte[4096];
        List<Socket> sockets = [];
        for (var i = 0; i < count; i++)
        {
            Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            socket.Bind(new IPEndPoint(IPAddress.HostToNetworkOrder(FirstAddress + (i / PerAddress)) & 0xffffffffL, 0));
            socket.Connect(IPAddress.Loopback, port);
            socket.Send(request);
            // The answer is one segment.
            _ = socket.Receive(buffer);
            sockets.Add(socket);
        }

        return sockets;
    }

    private static void AwaitEnd(Socket socket, byte[] buffer)
    {
        try
        {
            _ = socket.Receive(buffer);
        }
        catch (SocketException)
        {
            // A reset is an end too.
        }
    }
}
