using System.CommandLine;
using ActorServer.Cli.Screens;
using ActorServer.Core.Wire;

namespace ActorServer.Cli.Verbs;

/// <summary><c>watch</c>.</summary>
internal static class WatchVerb
{
    public static Command Create(Common common)
    {
        Command command = new("watch", "Follow a node's drain, the one that runs or the next, until it has ended.");
        command.SetAction(async (parse, cancelled) =>
        {
            var screen = common.Screen(parse);
            SubscribeToDrain subscribe = new(common.On(parse));
            await using var link = await common.OpenAsync(parse, subscribe, cancelled);
            var (node, last) = await link.AskAsync<Subscribed>(subscribe, cancelled);
            if (last is not { EndedAt: null })
            {
                screen.Say($"{Plain.Text(node)} does not drain; waiting for it to begin. Ctrl+C ends this.");
            }

            var end = await new DrainView(screen).RunAsync(async say =>
            {
                DrainFollower follower = new(link, node, say);
                var drain = last is { EndedAt: null } ? last : await follower.AwaitAsync(last, cancelled);
                return await follower.FollowAsync(drain, cancelled);
            });
            if (!screen.SayJson(() => WireCodec.ToJson(end)))
            {
                screen.Say(Plain.End(node, end));
            }

            return ExitCode.Of(end);
        });
        return command;
    }
}
