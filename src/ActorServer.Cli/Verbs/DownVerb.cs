using System.CommandLine;
using ActorServer.Cli.Linking;
using ActorServer.Cli.Screens;
using ActorServer.Core.Wire;

namespace ActorServer.Cli.Verbs;

/// <summary><c>down</c>.</summary>
internal static class DownVerb
{
    public static Command Create(Common common)
    {
        Argument<string> member = new("HOST:PORT") { Description = "Where the member was: as it is written where it is said to be missing." };
        var reason = DrainOptionSet.Reason();
        Command command = new("down", "Give up a member of the cluster that is missing, so that others can join and leave again.") { member, reason };
        command.SetAction(async (parse, cancelled) =>
        {
            Down down = new(NodeAddress.MemberAt(parse.GetRequiredValue(member)), common.On(parse), parse.GetValue(reason), Common.By);
            var answer = await common.AskAsync<Downed>(parse, down, cancelled);
            common.Screen(parse).Say(Plain.Text($"{answer.Node} has given up {answer.Member}."));
            return ExitCode.Done;
        });
        return command;
    }
}
