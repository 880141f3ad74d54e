using System.CommandLine;
using ActorServer.Core.Wire;

namespace ActorServer.Cli.Verbs;

/// <summary><c>leave</c>.</summary>
internal static class LeaveVerb
{
    public static Command Create(Common common)
    {
        DrainOptionSet set = new();
        Command command = new("leave", "Drain a node, then let it leave its cluster; its process ends.");
        foreach (var option in set.All)
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parse, cancelled) =>
        {
            var drain = set.Read(parse, common.On(parse));
            Leave leave = new(drain.Node, drain.Budget, drain.LameDuck, drain.Spread, drain.Reason, drain.By);
            await using var link = await common.OpenAsync(parse, leave, cancelled);
            return await new DrainRun(link, common.Screen(parse)).RunAsync(leave, set.Wait(parse), cancelled);
        });
        return command;
    }
}
