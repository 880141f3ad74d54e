using System.Net.Sockets;

namespace ActorServer.Kestrel;

/// <summary>What the kernel knows of a TCP connection (Linux).</summary>
internal static class TcpState
{
    private const int TcpLevel = 6;
    private const int TcpInfo = 11;
    private const byte Established = 1;

    /// <summary>Whether both ends are open. Unlike a look at the bytes that wait it races with nobody who reads them.</summary>
    /// <returns>False where the kernel does not tell.</returns>
    /// <exception cref="SocketException">The socket has failed.</exception>
    public static bool IsKnown(Socket socket, out bool established)
    {
        Span<byte> info = stackalloc byte[1];
        var known = OperatingSystem.IsLinux() && socket.ProtocolType == ProtocolType.Tcp
            && socket.GetRawSocketOption(TcpLevel, TcpInfo, info) == info.Length;
        established = known && info[0] == Established;
        return known;
    }
}
