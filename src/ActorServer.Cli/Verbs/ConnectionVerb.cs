using System.CommandLine;
using ActorServer.Core.Wire;

namespace ActorServer.Cli.Verbs;

/// <summary><c>connection</c>.</summary>
internal static class ConnectionVerb
{
    public static Argument<string> Id() => new("ID") { Description = "The connection's identity: it begins with the name of its node." };

    public static Command Create(Common common)
    {
        var id = Id();
        Command command = new("connection", "Show one connection with its timeline; its end, if it ended of late.") { id };
        command.SetAction(async (parse, cancelled) =>
        {
            GetConnection get = new(parse.GetRequiredValue(id), common.On(parse));
            var answer = await common.AskAsync<ConnectionAnswer>(parse, get, cancelled);
            common.Screen(parse).Show(answer.Connection);
            return ExitCode.Done;
        });
        return command;
    }
}
