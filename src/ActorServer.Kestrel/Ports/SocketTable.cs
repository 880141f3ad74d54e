using System.Globalization;

namespace ActorServer.Kestrel;

/// <summary>Looks for handshakes under way in Linux's tables of sockets, where <see cref="SocketDiagnosis"/> is not to be had.</summary>
internal static class SocketTable
{
    private const int BufferSize = 64 * 1024;
    private static readonly string[] Tables = ["/proc/self/net/tcp", "/proc/self/net/tcp6"];

    /// <summary>Whether a handshake is under way at a port. False where the kernel does not tell.</summary>
    public static bool AnyAt(int port)
    {
        Span<byte> end = stackalloc byte[5];
        _ = port.TryFormat(end[1..], out _, "X4", CultureInfo.InvariantCulture);
        end[0] = (byte)':';
        foreach (var table in Tables)
        {
            try
            {
                if (AnyIn(table, end))
                {
                    return true;
                }
            }
            catch (IOException)
            {
                // No such table: not Linux, or no IPv6.
            }
        }

        return false;
    }

    // Bytes, not lines: with tens of thousands of connections the table is megabytes.
    private static bool AnyIn(string table, ReadOnlySpan<byte> end)
    {
        using var file = File.OpenHandle(table);
        var buffer = new byte[BufferSize];
        var (offset, kept) = (0L, 0);
        int read;
        while ((read = RandomAccess.Read(file, buffer.AsSpan(kept), offset)) > 0)
        {
            offset += read;
            var rest = buffer.AsSpan(0, kept + read);
            int lineEnd;
            while ((lineEnd = rest.IndexOf((byte)'\n')) >= 0)
            {
                if (IsHalfOpen(rest[..lineEnd], end))
                {
                    return true;
                }

                rest = rest[(lineEnd + 1)..];
            }

            rest.CopyTo(buffer);
            kept = rest.Length;
        }

        return false;
    }

    // "   0: 0100007F:13D8 0200007F:A3F4 03 …": a number, the local end, the remote end, the state; 03 is SYN_RECV.
    private static bool IsHalfOpen(ReadOnlySpan<byte> row, ReadOnlySpan<byte> end)
    {
        row = row.TrimStart((byte)' ');
        row = row[(row.IndexOf((byte)' ') + 1)..];
        var local = row.IndexOf((byte)' ');
        var remote = local < 0 ? -1 : row[(local + 1)..].IndexOf((byte)' ');
        return remote >= 0 && row[..local].EndsWith(end) && row[(local + remote + 2)..].StartsWith("03 "u8);
    }
}
