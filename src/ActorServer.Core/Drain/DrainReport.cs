using System.Text.Json.Serialization;

namespace ActorServer.Core;

/// <summary>A drain, as it stands or as it ended.</summary>
/// <param name="Id">The drain's number on this node, from 1.</param>
/// <param name="Phase">How far it has come.</param>
/// <param name="Trigger">Who asked first.</param>
/// <param name="Reason">Why, if said.</param>
/// <param name="StartedAt">When it was accepted (UTC).</param>
/// <param name="LameDuckUntil">When the ports begin to close (UTC).</param>
/// <param name="Deadline">When it ends whatever is left (UTC); null: never.</param>
/// <param name="EndedAt">When it ended (UTC); null while it runs.</param>
/// <param name="Initial">Connections when it was accepted.</param>
/// <param name="Remaining">Connections now, or at its end.</param>
/// <param name="Closed">Connections that ended idle, silent or unanswered.</param>
/// <param name="Completed">Connections that ended after an answer.</param>
/// <param name="Aborted">Connections that the deadline cut.</param>
/// <param name="Stragglers">Connections that were aborted and had not ended when the drain did.</param>
/// <param name="Blockers">The connections waited for, who has held it longest first; at most 100.</param>
public sealed record DrainReport(
    string Id,
    DrainPhase Phase,
    DrainTrigger Trigger,
    string? Reason,
    DateTimeOffset StartedAt,
    DateTimeOffset LameDuckUntil,
    DateTimeOffset? Deadline,
    DateTimeOffset? EndedAt,
    int Initial,
    int Remaining,
    int Closed,
    int Completed,
    int Aborted,
    int Stragglers,
    IReadOnlyList<Blocker> Blockers)
{
    /// <summary>How many blockers a report names at most.</summary>
    public const int BlockersMax = 100;

    /// <summary>The drain had to cut something.</summary>
    [JsonIgnore]
    public bool HasAborted => Aborted + Stragglers > 0;
}

/// <summary>A connection that a drain waits for.</summary>
/// <param name="Id">The connection.</param>
/// <param name="Peer">The remote end.</param>
/// <param name="State">What it is doing.</param>
/// <param name="Age">How long ago it was accepted.</param>
/// <param name="Method">The method of its longest request in flight.</param>
/// <param name="Path">The path of its longest request in flight.</param>
/// <param name="Since">Since when it holds the drain up: that request's start, or the connection's state (UTC).</param>
public sealed record Blocker(
    string Id, string? Peer, ConnectionState State, TimeSpan Age, string? Method, string? Path, DateTimeOffset Since);
