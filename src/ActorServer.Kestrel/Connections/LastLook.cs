using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace ActorServer.Kestrel;

/// <summary>What one look at a quiet socket shows.</summary>
internal enum Sight
{
    /// <summary>Nothing has come, and the peer is there.</summary>
    Quiet,

    /// <summary>Unread bytes are waiting.</summary>
    Unread,

    /// <summary>The peer has ended its side, or is lost.</summary>
    Ended,
}

/// <summary>The look at a socket before it is closed: one call of the kernel says all there is to know, and reads nothing.</summary>
internal static partial class LastLook
{
    // Linux: MSG_PEEK | MSG_DONTWAIT.
    private const int Peek = 0x2 | 0x40;
    private const int Again = 11;

    /// <summary>Looks. A socket that is gone is one whose peer nobody can tell anything of: it is quiet.</summary>
    public static Sight At(Socket socket)
    {
        try
        {
            return OperatingSystem.IsLinux() ? PeekAt(socket.SafeHandle) : PollAt(socket);
        }
        catch (Exception exception) when (exception is ObjectDisposedException or SocketException)
        {
            return exception is SocketException ? Sight.Ended : Sight.Quiet;
        }
    }

    private static unsafe Sight PeekAt(SafeSocketHandle handle)
    {
        byte first;
        return Receive(handle, &first, 1, Peek) switch
        {
            > 0 => Sight.Unread,
            0 => Sight.Ended,
            _ => Marshal.GetLastPInvokeError() == Again ? Sight.Quiet : Sight.Ended,
        };
    }

    private static Sight PollAt(Socket socket)
        => socket.Available > 0 ? Sight.Unread
            : socket.Poll(TimeSpan.Zero, SelectMode.SelectRead) && socket.Available == 0 ? Sight.Ended
            : Sight.Quiet;

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static unsafe partial nint Receive(SafeSocketHandle socket, byte* buffer, nint length, int flags);
}
