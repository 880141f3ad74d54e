using System.Globalization;

namespace ActorServer.Core.Wire;

/// <summary>What a request may hold.</summary>
public static class WireRules
{
    /// <summary>How long a reason, or the name of who asks, may be.</summary>
    public const int TextLengthMax = 200;

    /// <summary>The node of a change that must name one, and does not.</summary>
    public const string Nobody = "";

    /// <summary>What is wrong with a request, in a sentence; null when nothing is.</summary>
    /// <param name="request">The request.</param>
    public static string? Problem(IWireRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return (request as IWireChange is { } change ? Problem("reason", change.Reason) ?? Problem("by", change.By) : null)
            ?? Problem("node", request.Node)
            ?? request switch
            {
                ListConnections { State: { } state } when !Enum.IsDefined(state)
                    => $"state is one of {string.Join(", ", Enum.GetNames<ConnectionState>())}.",
                ListConnections { Limit: < 1 or > ConnectionQuery.LimitMax } => $"limit is 1 to {ConnectionQuery.LimitMax}.",
                ListConnections { OlderThan.IsInfinite: true } => "olderThan cannot be infinite.",
                ListConnections { Cursor: { } cursor } when Cursor(cursor) is null => "cursor is what the page before called next.",
                ListConnections { Peer: { } peer } => Problem("peer", peer),
                GetConnection get => Problem("id", get.Id),
                CloseConnection close => Problem("id", close.Id),
                Down down => Problem("member", down.Member),
                Drain drain => ToDrain(drain).Problem,
                Leave leave => ToDrain(leave).Problem,
                _ => null,
            };
    }

    /// <summary>
    /// A message that is heard by whoever happens to be there. A change that names no node names nobody then, which is refused.
    /// </summary>
    /// <param name="message">The message.</param>
    public static IWireMessage ByChance(IWireMessage message) => message switch
    {
        Drain { Node: null } m => m with { Node = Nobody },
        Leave { Node: null } m => m with { Node = Nobody },
        Resume { Node: null } m => m with { Node = Nobody },
        Suspend { Node: null } m => m with { Node = Nobody },
        Down { Node: null } m => m with { Node = Nobody },
        _ => message,
    };

    /// <summary>The drain that is asked for.</summary>
    /// <param name="drain">The message.</param>
    public static DrainRequest ToDrain(Drain drain)
    {
        ArgumentNullException.ThrowIfNull(drain);
        return new(DrainTrigger.Message, drain.Budget, drain.LameDuck, drain.Spread, drain.Reason, drain.Extend);
    }

    /// <summary>The drain that comes before the leave that is asked for.</summary>
    /// <param name="leave">The message.</param>
    public static DrainRequest ToDrain(Leave leave)
    {
        ArgumentNullException.ThrowIfNull(leave);
        return new(DrainTrigger.ClusterLeave, leave.Budget, leave.LameDuck, leave.Spread, leave.Reason);
    }

    /// <summary>The query that is asked for.</summary>
    /// <param name="list">The message; nothing is wrong with it.</param>
    public static ConnectionQuery ToQuery(ListConnections list)
    {
        ArgumentNullException.ThrowIfNull(list);
        return new(list.State, list.Peer, list.OlderThan?.Value, list.Limit, Cursor(list.Cursor));
    }

    private static long? Cursor(string? text)
        => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var cursor) ? cursor : null;

    // They go to the log: neither a line of their own nor a page.
    private static string? Problem(string name, string? text)
        => text is null || (text.Length <= TextLengthMax && !text.Any(char.IsControl))
            ? null
            : $"{name} is at most {TextLengthMax} characters, without control characters.";
}
