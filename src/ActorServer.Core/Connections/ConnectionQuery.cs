namespace ActorServer.Core;

/// <summary>Which connections to list.</summary>
/// <param name="State">Only those in this state; <see cref="ConnectionState.Closed"/> lists the remembered ends.</param>
/// <param name="Peer">Only those whose peer is this address, or this address and port.</param>
/// <param name="OlderThan">Only those accepted at least this long ago.</param>
/// <param name="Limit">How many at most; 1 to 1000.</param>
/// <param name="Cursor">Where the last page said the next one begins; null from the oldest on.</param>
public sealed record ConnectionQuery(
    ConnectionState? State = null, string? Peer = null, TimeSpan? OlderThan = null, int Limit = 100, long? Cursor = null)
{
    /// <summary>The largest page.</summary>
    public const int LimitMax = 1000;
}

/// <summary>A page of connections, oldest first.</summary>
/// <param name="Items">The connections.</param>
/// <param name="Next">The cursor of the next page; null on the last one.</param>
public sealed record ConnectionPage(IReadOnlyList<ConnectionSnapshot> Items, long? Next);
