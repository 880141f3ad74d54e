using System.Net.Sockets;

namespace ActorServer.Benchmarks;

/// <summary>A client that costs as little as possible: it sends a request, and reads the answer, on its caller's thread.</summary>
internal abstract class LoadClient : IDisposable
{
    protected const string Path = "/plaintext";
    protected const string Host = "localhost";
    protected const string UserAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0";

    protected LoadClient(Uri address)
    {
        Socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Socket.Connect(address.Host, address.Port);
    }

    protected Socket Socket { get; }

    /// <summary>Connects, and speaks one protocol.</summary>
    public static LoadClient Connect(Uri address, bool http2) => http2 ? new Http2LoadClient(address) : new Http1LoadClient(address);

    /// <summary>So many requests of each, all of a round on their way at the same time.</summary>
    public static void Burst(LoadClient[] clients, int rounds)
    {
        for (var round = 0; round < rounds; round++)
        {
            foreach (var client in clients)
            {
                client.Send();
            }

            foreach (var client in clients)
            {
                client.Receive();
            }
        }
    }

    /// <summary>Sends one request.</summary>
    public abstract void Send();

    /// <summary>Reads its answer.</summary>
    public abstract void Receive();

    public void Dispose() => Socket.Dispose();
}
