using System.CommandLine;
using ActorServer.Cli.Tests.Support;
using ActorServer.Core.Tests.House;

namespace ActorServer.Cli.Tests;

/// <summary>What docs/operations.md says of the verbs is what the program says.</summary>
public sealed class DocsSpecs
{
    private const string Page = "docs/operations.md";

    private static readonly RootCommand Root
        = CommandTree.Create(new(static _ => null, TextWriter.Null, TextWriter.Null, IsTerminal: false, TimeProvider.System));

    [Fact]
    public void The_verbs_are_those_of_the_program()
    {
        var rows = Root.Subcommands.Select(verb =>
        {
            var arguments = string.Concat(verb.Arguments.Select(a => $" {a.Name}"));
            var options = string.Join(", ", verb.Options.Select(o => $"`{o.Name}{(o.HelpName is { } value ? $" {value}" : "")}`"));
            return $"| `{verb.Name}{arguments}` | {verb.Description} | {options} |";
        });
        var expected = string.Join('\n', ["| verb | does | options |", "|---|---|---|", .. rows]);

        Assert.True(Repository.Between(Page, "verbs") == expected, $"{Page} has drifted. Paste this between its markers:\n\n{expected}\n");
    }

    [Fact]
    public void The_common_options_and_exit_codes_are_all_there()
    {
        var page = Repository.Read(Page);

        Assert.All(
            Root.Options.Where(o => o is Option<string?> or Option<bool> && o.Recursive && o.Name is not ("--help" or "--version")),
            o => Assert.Contains($"`{o.Name}", page, StringComparison.Ordinal));
        Assert.All(
            (int[])[ExitCode.Done, ExitCode.Aborted, ExitCode.Refused, ExitCode.Usage, ExitCode.Unwritten, ExitCode.Interrupted, ExitCode.Unread],
            code => Assert.Contains($"\n| {code} |", page, StringComparison.Ordinal));
    }
}
