using System.Net;
using System.Net.Sockets;

namespace ActorServer.DrainLab;

/// <summary>Ports for servers that come back to theirs.</summary>
internal static class Ports
{
    // Below those that the system gives to whoever connects: a server that is away for a moment finds its own taken otherwise.
    private const int First = 20_000;
    private const int End = 32_000;

    private static readonly Lock Gate = new();
    private static readonly HashSet<int> Given = [];

    /// <summary>A port that is free now, and is given once.</summary>
    public static int Free()
    {
        lock (Gate)
        {
            while (true)
            {
#pragma warning disable CA5394 // Nobody is to be surprised.
                var port = Random.Shared.Next(First, End);
#pragma warning restore CA5394
                using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                try
                {
                    socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                }
                catch (SocketException)
                {
                    continue;
                }

                if (Given.Add(port))
                {
                    return port;
                }
            }
        }
    }
}
