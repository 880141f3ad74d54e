using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using ActorServer.Cli.Certificates;
using ActorServer.Cli.Completion;
using ActorServer.Cli.Verbs;

namespace ActorServer.Cli;

/// <summary>All verbs and their options.</summary>
internal static class CommandTree
{
    private const string Purpose = """
        Steers ActorServer nodes: drains them without losing a request, shows their connections, watches.
        It speaks with one node over Akka's remoting and joins no cluster; that node passes on what is for another.
        """;

    private const string Notes = """
        Examples:
          actorctl status
          actorctl connections --state Active --older-than 30s
          actorctl drain --wait --reason "release 7"
          actorctl --node web-1:4053 --ca ca.pem --cert operator.pem --key operator.key leave --wait
          actorctl --on web-2 --json status | jq .connections

        Environment: ACTORCTL_NODE, ACTORCTL_TIMEOUT, ACTORCTL_CA, ACTORCTL_CERT and ACTORCTL_KEY stand in for the
        options of that name; NO_COLOR turns colours and moving pictures off.

        Exit codes: 0 done; 1 done, but something was aborted; 2 unreachable or refused; 64 usage; 130 interrupted.
        """;

    /// <summary>The tree.</summary>
    /// <param name="surroundings">What is around the program.</param>
    public static RootCommand Create(Surroundings surroundings)
    {
        Common common = new(surroundings);
        RootCommand root = new(Purpose);
        foreach (var option in common.All)
        {
            root.Options.Add(option);
        }

        Command[] verbs =
        [
            StatusVerb.Create(common), ConnectionsVerb.Create(common), ConnectionVerb.Create(common),
            CloseVerb.Create(common, "close", abort: false), CloseVerb.Create(common, "abort", abort: true),
            DrainVerb.Create(common), SteerVerb.Resume(common), SteerVerb.Suspend(common), LeaveVerb.Create(common),
            DownVerb.Create(common), WatchVerb.Create(common), CertsVerb.Create(surroundings), CompletionVerb.Create(surroundings),
        ];
        foreach (var verb in verbs)
        {
            root.Subcommands.Add(verb);
        }

        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithNotes((HelpAction)help.Action!);
        return root;
    }

    private sealed class HelpWithNotes(HelpAction usual) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            var exitCode = usual.Invoke(parseResult);
            if (parseResult.CommandResult.Command is RootCommand)
            {
                parseResult.InvocationConfiguration.Output.WriteLine(Notes);
            }

            return exitCode;
        }
    }
}
