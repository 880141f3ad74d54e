using System.CommandLine;
using ActorServer.Cli.Screens;
using ActorServer.Core.Wire;

namespace ActorServer.Cli.Verbs;

/// <summary><c>close</c> and <c>abort</c>.</summary>
internal static class CloseVerb
{
    public static Command Create(Common common, string name, bool abort)
    {
        var id = ConnectionVerb.Id();
        var reason = DrainOptionSet.Reason();
        Command command = new(
            name, abort ? "Cut a connection at once." : "Close a connection once nothing is in flight on it.") { id, reason };
        command.SetAction(async (parse, cancelled) =>
        {
            CloseConnection close = new(parse.GetRequiredValue(id), abort, common.On(parse), parse.GetValue(reason), Common.By);
            var answer = await common.AskAsync<CloseAccepted>(parse, close, cancelled);
            common.Screen(parse).Say(Plain.Text($"{answer.Node} {(abort ? "cuts" : "closes")} {answer.Id}."));
            return ExitCode.Done;
        });
        return command;
    }
}
