using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ActorServer.Core;

namespace ActorServer.Core.Tests.House;

/// <summary>Where a page states facts of the code, the code is asked.</summary>
public sealed partial class DocsSpecs
{
    [Fact]
    public void The_lifecycle_table_is_that_of_the_machine() => Repository.AssertSame("docs/connection-lifecycle.md", "table", LifecycleTable());

    [Fact]
    public void The_settings_table_is_that_of_the_options()
        => Repository.AssertSame("docs/configuration.md", "settings", ActorServerSettings.Table.ToMarkdown());

    [Fact]
    public void The_access_logs_lines_are_those_of_the_formats()
    {
        AccessEntry request = new()
        {
            Time = new DateTime(2026, 11, 23, 2, 21, 9, 454, DateTimeKind.Utc),
            Remote = IPAddress.Parse("192.0.2.7"),
            Method = "GET",
            Target = "/a?b=c",
            Protocol = "HTTP/1.1",
            Host = "example.org",
            Status = 200,
            ResponseBytes = 12345,
            Elapsed = TimeSpan.FromMicroseconds(1234),
            UserAgent = "curl/8.5",
            RequestId = "0HNQ911:00000001",
            ConnectionId = "web-1-0HNQ911",
        };
        var examples = Enum.GetValues<AccessFormat>().Select(format =>
        {
            AccessFormatter formatter = new(new AccessLogOptions { Format = format });
            ArrayBufferWriter<byte> output = new();
            output.Write(formatter.Header.Span);
            formatter.Write(request, output);
            return $"```\n{Encoding.UTF8.GetString(output.WrittenSpan)}```";
        });
        Repository.AssertSame("docs/access-log.md", "formats", string.Join("\n\n", examples));
    }

    [Fact]
    public void The_access_logs_outcomes_and_fields_are_all_there()
    {
        var page = Repository.Read("docs/access-log.md");
        Assert.Equal(
            Enum.GetNames<RequestOutcome>().Select(name => $"`{name}`"),
            Repository.Between("docs/access-log.md", "outcomes").Split('\n').Skip(2).Select(row => row.Split('|')[1].Trim()));
        ArrayBufferWriter<byte> line = new();
        new AccessFormatter(new AccessLogOptions()).Write(default, line);
        Assert.All(
            JsonElement.Parse(line.WrittenSpan).EnumerateObject(),
            field => Assert.Contains($"`{field.Name}`", page, StringComparison.Ordinal));
    }

    // The examples are parts of tests that run; those of testing.md against the projects and against the packages.
    [Fact]
    public void Every_line_of_CSharp_is_that_of_a_test()
    {
        var examples = Repository.Examples().ToHashSet();
        foreach (var page in Repository.Pages())
        {
            foreach (Match block in CSharp().Matches(Repository.Read(page)))
            {
                // What a test starts and stops itself, a program runs.
                var code = block.Groups["code"].Value.Replace("\napp.Run();", "", StringComparison.Ordinal);
                Assert.True(
                    examples.Contains(code), $"{page} shows code that no test has between '// docs: NAME' and '// docs: end':\n\n{code}\n");
            }
        }
    }

    [Fact]
    public void Every_example_is_shown()
    {
        var pages = string.Join('\n', Repository.Pages().Select(Repository.Read));
        Assert.All(Repository.Examples(), example => Assert.Contains(example, pages, StringComparison.Ordinal));
    }

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

    [GeneratedRegex("^```csharp\n(?<code>.*?)\n```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CSharp();
}
