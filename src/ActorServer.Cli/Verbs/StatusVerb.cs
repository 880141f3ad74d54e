using System.CommandLine;
using ActorServer.Core.Wire;

namespace ActorServer.Cli.Verbs;

/// <summary><c>status</c>.</summary>
internal static class StatusVerb
{
    public static Command Create(Common common)
    {
        Command command = new("status", "Show a node's phase, connections, totals and last drain.");
        command.SetAction(async (parse, cancelled) =>
        {
            var answer = await common.AskAsync<StatusAnswer>(parse, new GetStatus(common.On(parse)), cancelled);
            common.Screen(parse).Show(answer.Status);
            return ExitCode.Done;
        });
        return command;
    }
}
