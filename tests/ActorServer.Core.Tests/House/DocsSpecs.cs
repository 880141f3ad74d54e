using System.Text;
using ActorServer.Core;

namespace ActorServer.Core.Tests.House;

/// <summary>Where a page states facts of the code, the code is asked.</summary>
public sealed class DocsSpecs
{
    [Fact]
    public void The_lifecycle_table_is_that_of_the_machine() => AssertSame("docs/connection-lifecycle.md", "table", LifecycleTable());

    [Fact]
    public void The_settings_table_is_that_of_the_options()
        => AssertSame("docs/configuration.md", "settings", ActorServerSettings.Table.ToMarkdown());

    private static void AssertSame(string page, string name, string expected)
        => Assert.True(
            Repository.Between(page, name) == expected, $"{page} has drifted from the code. Paste this between its markers:\n\n{expected}\n");

    private static string LifecycleTable()
    {
        var states = Enum.GetValues<ConnectionState>();
        StringBuilder table = new();
        table.Append("| signal | ").AppendJoin(" | ", states).Append(" |\n");
        table.Append("|---|").AppendJoin("|", states.Select(_ => "---")).Append('|');
        foreach (var signal in Enum.GetValues<ConnectionSignal>())
        {
            table.Append("\n| ").Append(signal).Append(" | ").AppendJoin(" | ", states.Select(state => Cell(state, signal))).Append(" |");
        }

        return table.ToString();
    }

    // What a connection that has been told to close does differently stands behind a slash.
    private static string Cell(ConnectionState state, ConnectionSignal signal)
    {
        var open = Text(new Connection(state, Draining: false, Closing: false), signal);
        var closing = Text(new Connection(state, Draining: true, Closing: true), signal);
        return open == closing ? open : $"{open} / closing: {closing}";
    }

    private static string Text(Connection connection, ConnectionSignal signal)
    {
        var step = connection.On(signal);
        if (step.Impossible)
        {
            return "impossible";
        }

        var state = step.Next.State == connection.State ? "" : $"**{step.Next.State}**";
        var effect = step.Effect == ConnectionEffect.None ? "" : $"`{step.Effect}`";
        return (state, effect) switch
        {
            ("", "") => "·",
            (_, "") => state,
            ("", _) => effect,
            _ => $"{state} {effect}",
        };
    }
}
