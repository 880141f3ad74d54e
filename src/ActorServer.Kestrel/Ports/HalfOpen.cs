using System.Net;
using System.Net.Sockets;

namespace ActorServer.Kestrel;

/// <summary>Handshakes that the kernel has begun and nobody can see from the socket: the client may have sent its request already.</summary>
internal static class HalfOpen
{
    /// <summary>Whether a handshake is under way at an endpoint. False where the kernel does not tell.</summary>
    public static bool AnyAt(IPEndPoint endpoint)
        => SocketDiagnosis.TryAnyAt(endpoint, out var any) ? any : SocketTable.AnyAt(endpoint.Port);

    /// <summary>Whether there are connections that the kernel has accepted and nobody has taken; at a Unix socket too.</summary>
    public static bool HasBacklog(Socket listening)
    {
        try
        {
            // A listening socket with a queue can be read from.
            return listening.Poll(TimeSpan.Zero, SelectMode.SelectRead);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Somebody else has closed it.
            return false;
        }
    }
}
