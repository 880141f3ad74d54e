using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace ActorServer.Kestrel;

/// <summary>What the kernel knows of a TCP connection (Linux).</summary>
internal static partial class TcpState
{
    private const int TcpLevel = 6;
    private const int TcpInfo = 11;
    private const byte Established = 1;
    private const int AcknowledgedOffset = 120;
    // SIOCOUTQ: what the kernel holds, and the peer has not acknowledged.
    private const nuint OutputQueue = 0x5411;

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

    /// <summary>How many bytes the kernel has taken to send, so far.</summary>
    /// <returns>Never too many: what is acknowledged between the two questions is counted not at all. Null where it does not tell.</returns>
    /// <exception cref="SocketException">The socket has failed.</exception>
    public static long? BytesTaken(Socket socket)
    {
        Span<byte> info = stackalloc byte[AcknowledgedOffset + sizeof(long)];
        return OperatingSystem.IsLinux() && socket.ProtocolType == ProtocolType.Tcp
            && socket.GetRawSocketOption(TcpLevel, TcpInfo, info) == info.Length
            && Control(socket.SafeHandle, OutputQueue, out var held) == 0
                ? BinaryPrimitives.ReadInt64LittleEndian(info[AcknowledgedOffset..]) + held
                : null;
    }

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int Control(SafeSocketHandle socket, nuint request, out int value);
}
