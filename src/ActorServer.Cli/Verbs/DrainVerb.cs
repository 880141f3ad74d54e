using System.CommandLine;
using ActorServer.Core.Wire;

namespace ActorServer.Cli.Verbs;

/// <summary><c>drain</c>.</summary>
internal static class DrainVerb
{
    public static Command Create(Common common)
    {
        DrainOptionSet set = new();
        Option<bool> extend = new("--extend") { Description = "A drain that runs already gets the later of the two deadlines, not the earlier." };
        Command command = new("drain", "Drain a node: it stops accepting, answers what was asked, and waits for its connections to end.");
        foreach (var option in set.All.Append(extend))
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parse, cancelled) =>
        {
            var drain = set.Read(parse, common.On(parse)) with { Extend = parse.GetValue(extend) };
            await using var link = await common.OpenAsync(parse, drain, cancelled);
            return await new DrainRun(link, common.Screen(parse)).RunAsync(drain, set.Wait(parse), cancelled);
        });
        return command;
    }
}
