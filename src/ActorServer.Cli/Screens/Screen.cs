using ActorServer.Core;
using ActorServer.Core.Wire;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace ActorServer.Cli.Screens;

/// <summary>Shows answers: tables to people, JSON to scripts.</summary>
internal sealed class Screen(Surroundings surroundings, bool json)
{
    // What is no terminal has no width: a line of a table is a line.
    private const int WideEnough = 1000;

    private IAnsiConsole? _console;

    public bool IsJson => json;

    public Surroundings Surroundings => surroundings;

    /// <summary>Made when it is first needed: JSON does not pay for it.</summary>
    public IAnsiConsole Console => _console ??= Make(surroundings);

    public DateTimeOffset Now => surroundings.Time.GetUtcNow();

    /// <summary>A line for people; scripts do not get it.</summary>
    public void Say(string line)
    {
        if (!json)
        {
            surroundings.Out.WriteLine(line);
        }
    }

    /// <summary>A line of JSON, if it was asked for.</summary>
    /// <returns>True when it was.</returns>
    public bool SayJson(Func<string> text)
    {
        if (json)
        {
            surroundings.Out.WriteLine(text());
        }

        return json;
    }

    public void Show(NodeStatus status)
    {
        if (!SayJson(() => WireCodec.ToJson(status)))
        {
            Show(Tables.Of(status, Now, surroundings.IsRich));
        }
    }

    public void Show(IReadOnlyList<ConnectionSnapshot> connections, string? next)
    {
        var items = connections.Select(WireCodec.ToJson);
        var quoted = next is null ? "null" : $"\"{next}\"";
        if (!SayJson(() => $$"""{"items":[{{string.Join(',', items)}}],"next":{{quoted}}}"""))
        {
            Show(Tables.Of(connections, Now, surroundings.IsRich));
            Say(next is null ? Plain.Count(connections.Count, "connection") : $"{Plain.Count(connections.Count, "connection")}, and more: --cursor {next}");
        }
    }

    public void Show(ConnectionSnapshot connection)
    {
        if (!SayJson(() => WireCodec.ToJson(connection)))
        {
            Show(Tables.Of(connection, Now, surroundings.IsRich));
        }
    }

    public void Show(IRenderable what)
    {
        if (surroundings.IsTerminal)
        {
            Console.Write(what);
            return;
        }

        // Without the blanks that fill the last column.
        using StringWriter text = new();
        Make(surroundings with { Out = text }).Write(what);
        foreach (var line in text.ToString().TrimEnd().Split('\n'))
        {
            surroundings.Out.WriteLine(line.TrimEnd());
        }
    }

    private static IAnsiConsole Make(Surroundings surroundings)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(surroundings.Out),
            Ansi = surroundings.IsRich ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = surroundings.IsRich ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = surroundings.IsRich ? InteractionSupport.Detect : InteractionSupport.No,
        });
        if (!surroundings.IsTerminal)
        {
            console.Profile.Width = WideEnough;
        }

        return console;
    }
}
