namespace ActorServer.Core;

/// <summary>An immutable answer about one node.</summary>
/// <param name="Node">Its name.</param>
/// <param name="Phase">How far it has come on its way out.</param>
/// <param name="Accepting">Its ports are open.</param>
/// <param name="Ready">A balancer may send it traffic: Serving and accepting.</param>
/// <param name="StartedAt">When it started (UTC).</param>
/// <param name="Connections">Live connections by state.</param>
/// <param name="Totals">Since the start.</param>
/// <param name="Drain">The last drain; null when there was none.</param>
public sealed record NodeStatus(
    string Node,
    NodePhase Phase,
    bool Accepting,
    bool Ready,
    DateTimeOffset StartedAt,
    ConnectionCounts Connections,
    NodeTotals Totals,
    DrainReport? Drain)
{
    /// <summary>What has become of the access log's lines; null without an access log, and where nobody knows of one.</summary>
    public AccessLogCounts? AccessLog { get; init; }
}

/// <summary>What a node has counted since its start.</summary>
/// <param name="Accepted">Connections accepted.</param>
/// <param name="Closed">Connections ended, whatever the reason.</param>
/// <param name="Rejected">Of those: turned away at a limit.</param>
/// <param name="Aborted">Of those: cut by a drain, an operator, the server or the application.</param>
/// <param name="Requests">Requests answered, those of live connections included.</param>
public sealed record NodeTotals(long Accepted = 0, long Closed = 0, long Rejected = 0, long Aborted = 0, long Requests = 0)
{
    /// <summary>Counts a connection's end.</summary>
    /// <param name="reason">Why it ended.</param>
    public NodeTotals Count(EndReason reason) => this with
    {
        Closed = Closed + 1,
        Rejected = Rejected + (reason == EndReason.Rejected ? 1 : 0),
        Aborted = Aborted + (reason is EndReason.Aborted or EndReason.DrainAborted or EndReason.Failed ? 1 : 0),
    };
}
