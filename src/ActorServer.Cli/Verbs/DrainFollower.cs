using ActorServer.Cli.Linking;
using ActorServer.Cli.Screens;
using ActorServer.Core;
using ActorServer.Core.Wire;

namespace ActorServer.Cli.Verbs;

/// <summary>Hears one drain out: its words as they come, and what the node says of it when none do.</summary>
/// <param name="link">The way to a node.</param>
/// <param name="node">The node that drains.</param>
/// <param name="say">Shows how far it has come.</param>
internal sealed class DrainFollower(NodeLink link, string node, Action<string, DrainReport> say)
{
    // Words come four times a second while a node drains: in such a silence one may have been lost, and it may have been the last.
    private static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(2);

    /// <summary>Waits for a drain to begin that is not the one before.</summary>
    public async Task<DrainReport> AwaitAsync(DrainReport? before, CancellationToken cancelled)
    {
        while (true)
        {
            // Silence is usual while nothing drains; a node that has gone does not answer.
            if ((Told(await link.NextAsync(SilenceMax, cancelled)) ?? await AskAsync(cancelled)) is { } drain && !IsSame(drain, before))
            {
                return drain;
            }
        }
    }

    /// <summary>Follows a drain to its end, which is not shown.</summary>
    /// <exception cref="RefusedException">The node is lost, or knows no longer how it ended.</exception>
    public async Task<DrainReport> FollowAsync(DrainReport drain, CancellationToken cancelled)
    {
        while (drain.EndedAt is null)
        {
            say(node, drain);
            var told = Told(await link.NextAsync(SilenceMax, cancelled));
            // A word of another may be late, or ours may be over without its last word: the node knows.
            var now = IsSame(told, drain) ? told : await AskAsync(cancelled);
            drain = now is null ? throw Lost("it knows of no drain, as if it had been started anew")
                : IsSame(now, drain) ? now
                : throw Lost("another has begun since");
        }

        return drain;
    }

    private async Task<DrainReport?> AskAsync(CancellationToken cancelled)
        => (await link.AskAsync<StatusAnswer>(new GetStatus(node), cancelled)).Status.Drain;

    private RefusedException Lost(string why) => new($"How the drain of {Plain.Text(node)} ended is not known: {why}.");

    private static DrainReport? Told(IWireAnswer? word)
        => (word as DrainProgress)?.Drain ?? (word as DrainCompleted)?.Drain;

    // Numbers begin anew with a node.
    private static bool IsSame(DrainReport? one, DrainReport? other) => (one?.Id, one?.StartedAt) == (other?.Id, other?.StartedAt);
}
