using ActorServer.Core;

namespace ActorServer.Actors;

/// <summary>All that a supervisor has written down. It outlives a supervisor that crashes: the successor goes on from here.</summary>
internal sealed class Ledger(DateTimeOffset startedAt)
{
    private TaskCompletionSource<DrainReport> _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public DateTimeOffset StartedAt { get; } = startedAt;

    public Node Node { get; set; } = Node.Started;

    public ConnectionTable Connections { get; } = new();

    public EndedConnections Ended { get; } = new();

    public NodeTotals Totals { get; private set; } = new();

    public DrainRecord? Drain { get; set; }

    /// <summary>The drain runs: it counts who ends.</summary>
    public bool IsDraining => Drain is { EndedAt: null };

    /// <summary>Completes with the report of the drain that ends next; at once when one has ended.</summary>
    public Task<DrainReport> WhenDrained => _drained.Task;

    public void Accepted() => Totals = Totals with { Accepted = Totals.Accepted + 1 };

    /// <summary>Counts a connection that has ended, and remembers it.</summary>
    public void Close(ConnectionCell cell)
    {
        var snapshot = cell.Snapshot();
        var reason = snapshot.EndReason ?? EndReason.ServerClosed;
        Ended.Add(snapshot);
        Totals = Totals.Count(reason, snapshot.Requests);
        if (IsDraining)
        {
            Drain = Drain!.Count(reason);
        }
    }

    public NodeStatus Status(string node, bool accepting, DateTimeOffset now) => new(
        node, Node.Phase, accepting, accepting && Node.Phase == NodePhase.Serving, StartedAt, Connections.Counts,
        Totals with { Requests = Totals.Requests + Connections.InOrder.Sum(static c => c.Answered) },
        Report(now));

    public DrainReport? Report(DateTimeOffset now)
        => Drain?.Report(Node.Phase, Drain.EndedAt is null ? Connections.Count : Drain.Stragglers, Blockers(now));

    public void CompleteDrain(DateTimeOffset now)
    {
        Drain = Drain! with { EndedAt = now, Stragglers = Connections.Count };
        _drained.TrySetResult(Report(now)!);
    }

    /// <summary>The page a query asks for.</summary>
    public ConnectionPage Page(ConnectionQuery query, DateTimeOffset now)
    {
        if (query.State == ConnectionState.Closed)
        {
            return new([.. Ended.InOrder.Where(c => Matches(query, c.Peer, c.AcceptedAt, now)).TakeLast(query.Limit)], Next: null);
        }

        List<ConnectionSnapshot> items = [];
        foreach (var cell in Connections.From(query.Cursor ?? 0))
        {
            if (items.Count == query.Limit)
            {
                return new(items, cell.Sequence);
            }

            if ((query.State is null || query.State == cell.State)
                && Matches(query, query.Peer is null ? null : cell.Transport.Peer, cell.AcceptedAt, now))
            {
                items.Add(cell.Snapshot());
            }
        }

        return new(items, Next: null);
    }

    private static bool Matches(ConnectionQuery query, string? peer, DateTimeOffset acceptedAt, DateTimeOffset now)
        => (query.OlderThan is null || now - acceptedAt >= query.OlderThan)
            && (query.Peer is null || query.Peer == peer || (peer is not null && query.Peer == HostOf(peer)));

    // "127.0.0.1:80" and "[::1]:80": a peer may be asked for without its port.
    private static string HostOf(string peer)
        => peer.LastIndexOf(':') is var colon and > 0 ? peer[..colon].Trim('[', ']') : peer;

    private IReadOnlyList<Blocker> Blockers(DateTimeOffset now)
    {
        if (Node.Phase == NodePhase.Serving)
        {
            return [];
        }

        // In LameDuck nobody waits for the quiet ones; once the ports are closed they hold the drain up like all others.
        var all = Node.Phase != NodePhase.LameDuck;
        return [.. Connections.InOrder
            .Where(c => all || c.State is ConnectionState.Active or ConnectionState.Upgraded)
            .Select(c => c.Snapshot())
            .Select(c => (Snapshot: c, Longest: c.CurrentRequests.OrderBy(r => r.Since).Cast<CurrentRequest?>().FirstOrDefault()))
            .Select(c => new Blocker(
                c.Snapshot.Id, c.Snapshot.Peer, c.Snapshot.State, now - c.Snapshot.AcceptedAt,
                c.Longest?.Method, c.Longest?.Path, c.Longest?.Since ?? c.Snapshot.StateSince))
            .OrderBy(b => b.Since)
            .Take(DrainReport.BlockersMax)];
    }
}
