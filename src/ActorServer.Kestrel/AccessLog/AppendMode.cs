using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ActorServer.Kestrel;

/// <summary>Every write goes to the end of the file, whoever else has written: .NET has no word for it.</summary>
internal static partial class AppendMode
{
    private const int SetFlags = 4;
    private const int Append = 0x400;

    /// <summary>Sets it on Linux. Elsewhere writes go to where the end was a moment ago: one process at a time may write.</summary>
    public static void Set(SafeFileHandle file)
    {
        if (OperatingSystem.IsLinux())
        {
            // A file that cannot have it is written to as elsewhere.
            _ = Fcntl(file, SetFlags, Append);
        }
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Fcntl(SafeFileHandle file, int command, nint argument);
}
