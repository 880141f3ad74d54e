using System.Text;

namespace ActorServer.Benchmarks;

/// <summary>One connection of HTTP/1.1.</summary>
internal sealed class Http1LoadClient(Uri address) : LoadClient(address)
{
    private static readonly byte[] Request = Encoding.ASCII.GetBytes($"GET {Path} HTTP/1.1\r\nHost: {Host}\r\nUser-Agent: {UserAgent}\r\n\r\n");

    private readonly byte[] _answer = new byte[4096];

    public override void Send() => Socket.Send(Request);

    public override void Receive()
    {
        // Small enough to come in one piece.
        if (Socket.Receive(_answer) == 0)
        {
            throw new InvalidOperationException("The server has ended a connection.");
        }
    }
}
