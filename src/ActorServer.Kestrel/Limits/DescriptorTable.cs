using System.Globalization;

namespace ActorServer.Kestrel;

/// <summary>What Linux tells of a process's file descriptors.</summary>
internal static class DescriptorTable
{
    private const string Limits = "/proc/self/limits";
    private const string Table = "/proc/self/fd";
    private const string Row = "Max open files";

    /// <summary>How many the process may still open; null where nobody tells.</summary>
    public static int? Free() => Read(static limit => Math.Max(limit - Directory.EnumerateFileSystemEntries(Table).Count(), 0));

    /// <summary>The first number that none may have; null where nobody tells.</summary>
    public static int? Limit() => Read(static limit => limit);

    private static int? Read(Func<int, int> compute)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        try
        {
            // "Max open files            1024                 524288               files": the first number is what counts.
            var row = File.ReadLines(Limits).First(static l => l.StartsWith(Row, StringComparison.Ordinal));
            var text = row[Row.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
            var limit = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : int.MaxValue;
            return compute(limit);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or InvalidOperationException)
        {
            // Linux without /proc, or another one's.
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
