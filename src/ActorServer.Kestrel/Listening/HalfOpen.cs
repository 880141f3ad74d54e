using System.Globalization;
using System.Net.Sockets;

namespace ActorServer.Kestrel;

/// <summary>Handshakes that the kernel has begun and nobody can see from the socket: the client may have sent its request already.</summary>
internal static class HalfOpen
{
    private const int TcpLevel = 6;
    private const int TcpInfo = 11;

    // In tcp_info of a listening socket "unacked" is the length of the accept queue.
    private const int UnackedOffset = 24;
    private const string SynReceived = "03";

    private static readonly string[] Tables = ["/proc/self/net/tcp", "/proc/self/net/tcp6"];

    /// <summary>Whether a handshake is under way at a port. False where the kernel does not tell.</summary>
    public static bool AnyAt(int port)
    {
        // "   0: 0100007F:13D8 0200007F:A3F4 03 …": a number, the local end, the remote end, the state; 03 is SYN_RECV.
        var end = string.Create(CultureInfo.InvariantCulture, $":{port:X4}");
        Span<Range> columns = stackalloc Range[5];
        foreach (var table in Tables)
        {
            try
            {
                foreach (var line in File.ReadLines(table))
                {
                    var row = line.AsSpan();
                    if (row.Split(columns, ' ', StringSplitOptions.RemoveEmptyEntries) == columns.Length
                        && row[columns[3]].SequenceEqual(SynReceived)
                        && row[columns[1]].EndsWith(end))
                    {
                        return true;
                    }
                }
            }
            catch (IOException)
            {
                // No such table: not Linux, or no IPv6.
            }
        }

        return false;
    }

    /// <summary>Connections that the kernel has accepted and nobody has taken. 0 where it does not tell.</summary>
    public static int Backlog(Socket listening)
    {
        Span<byte> info = stackalloc byte[UnackedOffset + sizeof(int)];
        try
        {
            return OperatingSystem.IsLinux() && listening.GetRawSocketOption(TcpLevel, TcpInfo, info) == info.Length
                ? BitConverter.ToInt32(info[UnackedOffset..])
                : 0;
        }
        catch (SocketException)
        {
            return 0;
        }
    }
}
