using System.Globalization;
using ActorServer.Core;

namespace ActorServer.Cli.Screens;

/// <summary>Values as people read them.</summary>
internal static class Plain
{
    /// <summary>A text from elsewhere, without what would command a terminal: clients choose paths.</summary>
    public static string Text(string text)
        => text.Any(IsUnsafe) ? string.Concat(text.Select(static c => IsUnsafe(c) ? '\uFFFD' : c)) : text;

    /// <summary>A length of time, in two units at most.</summary>
    public static string Time(TimeSpan time) => time switch
    {
        { Ticks: < 0 } => "0s",
        { TotalSeconds: < 10 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0}s"),
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0}s"),
        { TotalHours: < 1 } => $"{time.Minutes}m{time.Seconds:00}s",
        { TotalDays: < 1 } => $"{time.Hours}h{time.Minutes:00}m",
        _ => $"{(int)time.TotalDays}d{time.Hours:00}h",
    };

    /// <summary>A number of bytes.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        < 1000 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0.0} kB"),
        < 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.0} GB"),
    };

    /// <summary>A number and its thing.</summary>
    public static string Count(long number, string thing)
        => string.Create(CultureInfo.InvariantCulture, $"{number} {thing}{(number == 1 ? "" : "s")}");

    /// <summary>How a drain ended, in a sentence.</summary>
    public static string End(string node, DrainReport drain)
    {
        var took = Time((drain.EndedAt ?? drain.StartedAt) - drain.StartedAt);
        return drain.Phase == DrainPhase.Cancelled
            ? $"The drain of {Text(node)} was called off after {took}; {Count(drain.Remaining, "connection")} left."
            : $"{Text(node)} is drained after {took}: {Count(drain.Initial, "connection")} at its start, {drain.Closed} closed, "
                + $"{drain.Completed} completed, {drain.Aborted} aborted, {Count(drain.Stragglers, "straggler")}.";
    }

    private static bool IsUnsafe(char c) => char.IsControl(c) || (c is >= '\u202A' and <= '\u202E') || (c is >= '\u2066' and <= '\u2069');
}
