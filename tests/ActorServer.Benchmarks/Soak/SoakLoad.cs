using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ActorServer.Benchmarks;

/// <summary>A steady load: connections of HTTP/1.1 and HTTP/2 that stay, and beside them some that are opened, served once and closed.</summary>
internal sealed class SoakLoad : IDisposable
{
    private const int Clients = 32;
    private const int RoundsPerSecond = 50;
    private const int ConnectionsPerSecond = 200;

    // The connections that are closed by their clients wait there for a minute: each of these has ports enough for them.
    private const int FirstAddress = 0x7f000201;
    private const int Addresses = 100;

    private static readonly byte[] Request = "GET /plaintext HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray();

    private readonly LoadClient[][] _clients;
    private readonly int _port;
    private readonly byte[] _answer = new byte[4096];
    private long _bursts;
    private long _made;

    public SoakLoad(Uri http1, Uri http2)
    {
        _clients = [.. new[] { (Address: http1, IsHttp2: false), (Address: http2, IsHttp2: true) }.Select(
            to => Enumerable.Range(0, Clients).Select(_ => LoadClient.Connect(to.Address, to.IsHttp2)).ToArray())];
        _port = http1.Port;
    }

    /// <summary>The requests that were answered.</summary>
    public long Requests => (_bursts * Clients) + _made;

    /// <summary>The connections that were made.</summary>
    public long Connections => _made + _clients.Sum(c => c.Length);

    /// <summary>The connections that were made and closed.</summary>
    public long Churned => _made;

    /// <summary>Goes on for so long. When it completes nothing is on its way.</summary>
    public Task RunAsync(TimeSpan time)
        => Task.WhenAll([.. _clients.Select(c => OnThread(() => Pace(time, RoundsPerSecond, () => Burst(c)))),
            OnThread(() => Pace(time, ConnectionsPerSecond, ServeOnce))]);

    public void Dispose()
    {
        foreach (var client in _clients.SelectMany(c => c))
        {
            client.Dispose();
        }
    }

    // On threads of their own: the pool's are the server's.
    private static Task OnThread(Action act)
        => Task.Factory.StartNew(act, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static void Pace(TimeSpan time, int perSecond, Action act)
    {
        var start = Stopwatch.GetTimestamp();
        using ManualResetEventSlim never = new();
        for (var done = 0L; Stopwatch.GetElapsedTime(start) < time; done++)
        {
            if (TimeSpan.FromSeconds((double)done / perSecond) - Stopwatch.GetElapsedTime(start) is var early && early > TimeSpan.Zero)
            {
                never.Wait(early);
            }

            act();
        }
    }

    private void Burst(LoadClient[] clients)
    {
        LoadClient.Burst(clients, rounds: 1);
        Interlocked.Increment(ref _bursts);
    }

    private void ServeOnce()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var address = FirstAddress + (int)(_made % Addresses);
        socket.Bind(new IPEndPoint(IPAddress.HostToNetworkOrder(address) & 0xffffffffL, 0));
        socket.Connect(IPAddress.Loopback, _port);
        socket.Send(Request);
        // To its last chunk: whoever leaves before that has not been answered.
        for (var read = 0; !_answer.AsSpan(0, read).EndsWith("\r\n0\r\n\r\n"u8);)
        {
            var count = socket.Receive(_answer.AsSpan(read));
            read += count > 0 ? count : throw new InvalidOperationException("The server has ended a connection.");
        }

        _made++;
    }
}
