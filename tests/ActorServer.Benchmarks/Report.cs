using System.Globalization;
using System.Text;

namespace ActorServer.Benchmarks;

/// <summary>A table of what was measured, and a plot where there is one.</summary>
internal sealed record Report(string Name, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows, string? Plot = null)
{
    /// <summary>Says it, and writes it into a folder if there is one: NAME.md and NAME.svg.</summary>
    public async Task WriteAsync(string? folder, TextWriter output)
    {
        var table = ToMarkdown();
        await output.WriteLineAsync(table);
        if (folder is null)
        {
            return;
        }

        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, $"{Name}.md"), table);
        if (Plot is not null)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, $"{Name}.svg"), Plot);
        }
    }

    public string ToMarkdown()
    {
        StringBuilder table = new();
        Row(Columns);
        table.Append('|').Insert(table.Length, "---|", Columns.Count).Append('\n');
        foreach (var row in Rows)
        {
            Row(row);
        }

        return table.ToString();

        void Row(IReadOnlyList<string> cells) => table.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
    }
}

/// <summary>What many numbers have in common.</summary>
internal static class Statistics
{
    /// <summary>The median; the upper one of two.</summary>
    public static double Median(this IEnumerable<double> values) => values.Order().ToArray() is { Length: > 0 } sorted ? sorted[sorted.Length / 2] : 0;

    /// <summary>In words, with a unit where there is one.</summary>
    public static string In(this double value, string format, string unit = "")
        => value.ToString(format, CultureInfo.InvariantCulture) + (unit.Length == 0 ? "" : " " + unit);
}
