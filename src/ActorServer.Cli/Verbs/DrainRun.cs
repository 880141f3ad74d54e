using ActorServer.Cli.Linking;
using ActorServer.Cli.Screens;
using ActorServer.Core;
using ActorServer.Core.Wire;

namespace ActorServer.Cli.Verbs;

/// <summary>One drain from here: asked for, and followed to its end if that is wanted.</summary>
internal sealed class DrainRun(NodeLink link, Screen screen)
{
    private const int CutShown = 100;

    /// <summary>Asks for it.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public async Task<int> RunAsync(IWireChange request, bool wait, CancellationToken cancelled)
    {
        if (wait)
        {
            // Before the drain begins, so that none of its words is missed.
            await link.AskAsync<Subscribed>(new SubscribeToDrain(request.Node), cancelled);
        }

        var accepted = await link.AskAsync<DrainAccepted>(request, cancelled);
        if (!wait)
        {
            if (!screen.SayJson(() => WireCodec.ToJson(accepted.Drain)))
            {
                screen.Say($"{Plain.Text(accepted.Node)} drains, {Plain.Count(accepted.Drain.Remaining, "connection")}. See: actorctl watch");
            }

            return ExitCode.Done;
        }

        // The last word is JSON's only one: a script wants to know how it ended.
        var end = screen.IsJson
            ? await FollowAsync(static (_, _) => { })
            : await new DrainView(screen).RunAsync(FollowAsync);
        return Finish(accepted.Node, end);

        Task<DrainReport> FollowAsync(Action<string, DrainReport> say)
            => new DrainFollower(link, accepted.Node, say).FollowAsync(accepted.Drain, cancelled);
    }

    private int Finish(string node, DrainReport drain)
    {
        if (!screen.SayJson(() => WireCodec.ToJson(drain)))
        {
            screen.Say(Plain.End(node, drain));
            if (drain.HasAborted && drain.Blockers.Count > 0)
            {
                screen.Show(Tables.Blockers(drain, drain.EndedAt ?? screen.Now, screen.Surroundings.IsRich, CutShown));
            }
        }

        return ExitCode.Of(drain);
    }
}
