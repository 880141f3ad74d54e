using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace ActorServer.Kestrel;

/// <summary>Takes the deletion of a Unix socket's path away from .NET, which would delete a successor's.</summary>
/// <remarks>Disposing a listening .NET socket deletes its path even if another process has bound it meanwhile. A socket made
/// from a handle knows no path.</remarks>
internal static partial class UnixListenSocket
{
    /// <summary>The same listening socket, without a claim to its path.</summary>
    public static Socket Own(Socket bound)
    {
        if (OperatingSystem.IsWindows())
        {
            return bound;
        }

        var copy = Duplicate((int)bound.SafeHandle.DangerousGetHandle());
        if (copy < 0)
        {
            return bound;
        }

        // Purposefully only its handle: disposing the socket would delete the path.
        bound.SafeHandle.Dispose();
#pragma warning disable CA1816 // Its finalizer would delete the path too.
        GC.SuppressFinalize(bound);
#pragma warning restore CA1816
        return new Socket(new SafeSocketHandle(copy, ownsHandle: true));
    }

    /// <summary>When the path was bound: tells our socket from a successor's.</summary>
    public static DateTime BoundAt(string path) => File.GetLastWriteTimeUtc(path);

    /// <summary>Deletes the path if it is still ours: from now on nobody connects here.</summary>
    public static void Unlink(string path, DateTime boundAt)
    {
        if (File.Exists(path) && File.GetLastWriteTimeUtc(path) == boundAt)
        {
            File.Delete(path);
        }
    }

    [LibraryImport("libc", EntryPoint = "dup", SetLastError = true)]
    private static partial int Duplicate(int descriptor);
}
