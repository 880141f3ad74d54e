using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace ActorServer.Kestrel;

/// <summary>Asks the kernel for handshakes under way, by Linux's socket diagnosis (sock_diag(7)): it filters by itself.</summary>
/// <remarks>The tables of <see cref="SocketTable"/> say the same, at a hundred times the cost with many connections.</remarks>
internal static partial class SocketDiagnosis
{
    private const int NetlinkFamily = 16;
    private const int RawCloseOnExec = 3 | 0x80000;
    private const int SocketDiagnosisProtocol = 4;

    private const int HeaderLength = 16;
    private const int RequestLength = HeaderLength + 56;
    private const ushort ByFamily = 20;
    private const ushort RequestDump = 0x301;
    private const ushort Done = 3;
    private const byte Tcp = 6;
    private const byte Inet = 2;
    private const byte Inet6 = 10;
    private const uint SynReceived = 1 << 3;

    // The kernel answers before the question returns: this only keeps a kernel that does not from holding anybody up.
    private const int AnswerMaxMs = 1000;

    /// <summary>Whether a handshake is under way at an endpoint's port.</summary>
    /// <returns>False where the kernel does not tell.</returns>
    public static bool TryAnyAt(IPEndPoint endpoint, out bool any)
    {
        any = false;
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        try
        {
            using SafeSocketHandle handle = new(Open(NetlinkFamily, RawCloseOnExec, SocketDiagnosisProtocol), ownsHandle: true);
            if (handle.IsInvalid)
            {
                return false;
            }

            using Socket netlink = new(handle) { ReceiveTimeout = AnswerMaxMs };
            // A socket of IPv6 may be one of both, and has handshakes of both then.
            return TryAny(netlink, Inet, endpoint.Port, ref any)
                && (endpoint.AddressFamily == AddressFamily.InterNetwork || TryAny(netlink, Inet6, endpoint.Port, ref any));
        }
        catch (SocketException)
        {
            // A sandbox may let it be opened, and not be used.
            return false;
        }
    }

    private static bool TryAny(Socket netlink, byte family, int port, ref bool any)
    {
        // struct nlmsghdr, struct inet_diag_req_v2; all that is left zero means "any".
        Span<byte> request = stackalloc byte[RequestLength];
        request.Clear();
        MemoryMarshal.Write(request, (uint)RequestLength);
        MemoryMarshal.Write(request[4..], ByFamily);
        MemoryMarshal.Write(request[6..], RequestDump);
        request[HeaderLength] = family;
        request[HeaderLength + 1] = Tcp;
        MemoryMarshal.Write(request[(HeaderLength + 4)..], SynReceived);
        BinaryPrimitives.WriteUInt16BigEndian(request[(HeaderLength + 8)..], (ushort)port);
        netlink.Send(request);

        Span<byte> answer = stackalloc byte[8192];
        while (true)
        {
            var rest = answer[..netlink.Receive(answer)];
            if (rest.Length < HeaderLength)
            {
                return false;
            }

            while (rest.Length >= HeaderLength)
            {
                switch (MemoryMarshal.Read<ushort>(rest[4..]))
                {
                    case ByFamily:
                        any = true;
                        break;
                    case Done:
                        return true;
                    default:
                        return false;
                }

                // Messages begin at multiples of four bytes.
                var length = ((int)MemoryMarshal.Read<uint>(rest) + 3) & ~3;
                rest = rest[Math.Clamp(length, HeaderLength, rest.Length)..];
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Open(int domain, int type, int protocol);
}
