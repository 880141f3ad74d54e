using System.Globalization;

namespace ActorServer.Actors;

/// <summary>A text from elsewhere as a part of a line of the log: nothing in it ends the line, turns it around, or fills a page.</summary>
internal static class OneLine
{
    private const int LengthMax = 300;

    public static string Of(string text)
        => text.Length > LengthMax ? Of(text[..LengthMax]) + "…"
            : text.Any(IsUnsafe) ? string.Concat(text.Select(static c => IsUnsafe(c) ? '\uFFFD' : c))
            : text;

    // Half a character may be left of one where it was cut: no harm in a log.
    private static bool IsUnsafe(char c) => char.GetUnicodeCategory(c)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
