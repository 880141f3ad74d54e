using System.CommandLine;
using ActorServer.Cli.Linking;
using ActorServer.Cli.Screens;
using ActorServer.Core;
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
            var on = common.On(parse);
            await using var link = common.Open(parse);
            var subscribed = await link.AskAsync<Subscribed>(new SubscribeToDrain(on), cancelled);
            if (subscribed.Drain is not { EndedAt: null })
            {
                screen.Say($"{Plain.Text(subscribed.Node)} does not drain; waiting for it to begin. Ctrl+C ends this.");
            }

            var end = await new DrainView(screen).RunAsync(say => FollowAsync(link, subscribed, on, say, cancelled));
            screen.Say(Plain.End(subscribed.Node, end!));
            return ExitCode.Of(end!);
        });
        return command;
    }

    private static async Task<DrainReport?> FollowAsync(
        NodeLink link, Subscribed subscribed, string? on, Action<string, DrainReport> say, CancellationToken cancelled)
    {
        while (true)
        {
            var drain = await link.NextAsync(cancelled) switch
            {
                DrainProgress progress => progress.Drain,
                DrainCompleted completed => completed.Drain,
                // Silence is usual while nothing drains; a node that has gone does not answer.
                _ => (await link.AskAsync<StatusAnswer>(new GetStatus(on), cancelled)).Status.Drain,
            };
            if (drain is null || (drain.EndedAt is not null && drain.Id == subscribed.Drain?.Id && subscribed.Drain.EndedAt is not null))
            {
                continue;
            }

            say(subscribed.Node, drain);
            if (drain.EndedAt is not null)
            {
                return drain;
            }
        }
    }
}
