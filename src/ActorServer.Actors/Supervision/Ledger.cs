using ActorServer.Core;

namespace ActorServer.Actors;

/// <summary>All that a supervisor has written down. It outlives a supervisor that crashes: the successor goes on from here.</summary>
internal sealed class Ledger(DateTimeOffset startedAt, RequestTally answered)
{
    private const int ManyConnections = 1000;

    private static readonly TimeSpan BlockersAge = TimeSpan.FromMilliseconds(250);

    private (NodePhase Phase, DateTimeOffset At, IReadOnlyList<Blocker> Items) _blockers = (NodePhase.Serving, default, []);

    public DateTimeOffset StartedAt { get; } = startedAt;

    public Node Node { get; set; } = Node.Started;

    public ConnectionTable Connections { get; } = new();

    public EndedConnections Ended { get; } = new();

    public Departures Departures { get; } = new();

    public NodeTotals Totals { get; private set; } = new();

    public DrainRecord? Drain { get; set; }

    /// <summary>Work of the application that holds a drain up.</summary>
    public HashSet<DrainLease> Leases { get; } = [];

    /// <summary>How often the ports were closed or opened: an answer that belongs to an earlier time is late.</summary>
    public long Epoch { get; set; }

    /// <summary>The verb that waits for a hook or for the ports; its answer comes by mail, whatever crashes meanwhile.</summary>
    public IVerb? Pending { get; set; }

    /// <summary>The ports are closing: word of it will come.</summary>
    public bool IsClosingPorts { get; set; }

    /// <summary>A crash has left something to be done again, and the ports were being opened.</summary>
    public bool OwesRecovery { get; set; }

    /// <summary>What completes at the end of the drain that ends next.</summary>
    public TaskCompletionSource<DrainReport> End { get; private set; }
        = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Nobody is left to wait for.</summary>
    public bool IsQuiescent => Connections.Count == 0 && Leases.Count == 0;

    /// <summary>The drain runs: it counts who ends.</summary>
    public bool IsDraining => Drain is { EndedAt: null };

    /// <summary>Completes with the report of the drain that ends next; at once when one has ended.</summary>
    public Task<DrainReport> WhenDrained => End.Task;

    public void Accepted() => Totals = Totals with { Accepted = Totals.Accepted + 1 };

    /// <summary>Counts a connection that has ended, and remembers it.</summary>
    public void Close(ConnectionCell cell)
    {
        // Purposefully no snapshot: in a drain of many, most of them would be forgotten unread.
        var reason = cell.EndReason ?? EndReason.ServerClosed;
        Ended.Add(cell);
        Totals = Totals.Count(reason);
        if (IsDraining)
        {
            Drain = Drain!.Count(HasAnsweredLast(cell, reason, Drain.Plan.StartedAt) ? EndReason.Completed : reason);
        }
    }

    public NodeStatus Status(string node, bool accepting, DateTimeOffset now) => new(
        node, Node.Phase, accepting, accepting && Node.Phase == NodePhase.Serving, StartedAt, Connections.Counts,
        Totals with { Requests = answered.Value },
        Report(now));

    public DrainReport? Report(DateTimeOffset now)
        => Drain?.Report(Node.Phase, Drain.EndedAt is null ? Connections.Count : Drain.Remaining, Drain.EndedAt is null ? Blockers(now) : Drain.Cut ?? []);

    /// <summary>The drain is over. Whoever awaits it is told by <see cref="End"/>.</summary>
    public void CompleteDrain(DateTimeOffset now) => Drain = Drain! with
    {
        EndedAt = now,
        Remaining = Connections.Count,
        Stragglers = Connections.Count + Leases.Count,
    };

    public void CancelDrain(DateTimeOffset now)
    {
        if (IsDraining)
        {
            Drain = Drain! with { EndedAt = now, Remaining = Connections.Count, IsCancelled = true };
            End.TrySetResult(Report(now)!);
        }

        // The next drain is another one. Hooks may still be hearing of this one's end, and tell whoever awaits it afterwards.
        End = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>The page a query asks for.</summary>
    public ConnectionPage Page(ConnectionQuery query, DateTimeOffset now)
    {
        List<ConnectionSnapshot> items = [];
        var from = query.Cursor ?? 0;
        foreach (var (place, cell) in query.State == ConnectionState.Closed ? Ended.From(from) : Connections.From(from))
        {
            if (items.Count == query.Limit)
            {
                return new(items, place);
            }

            if (Matches(query, cell, now))
            {
                items.Add(cell.Snapshot());
            }
        }

        return new(items, Next: null);
    }

    // Its last answer came while the drain ran, and nobody had to cut it: that it was idle for a moment afterwards changes nothing.
    private static bool HasAnsweredLast(ConnectionCell ended, EndReason reason, DateTimeOffset drainStart)
        => reason is EndReason.Closed or EndReason.ClientClosed or EndReason.ServerClosed
            && ended.BeforeLast is { State: ConnectionState.Idle } idle
            && idle.At > drainStart;

    private static bool Matches(ConnectionQuery query, ConnectionCell cell, DateTimeOffset now)
        => (query.State is null || query.State == cell.State)
            && (query.OlderThan is null || now - cell.AcceptedAt >= query.OlderThan)
            && (query.Peer is null || IsPeer(query.Peer, cell.Transport.Peer));

    private static bool IsPeer(string asked, string? peer)
        => asked == peer || (peer is not null && asked.Trim('[', ']') == HostOf(peer));

    // "127.0.0.1:80" and "[::1]:80": a peer may be asked for without its port.
    private static string HostOf(string peer)
        => peer.LastIndexOf(':') is var colon and > 0 ? peer[..colon].Trim('[', ']') : peer;

    // With many connections a report takes a while: who holds the drain up is looked up a few times a second, however many ask.
    private IReadOnlyList<Blocker> Blockers(DateTimeOffset now)
    {
        if (Connections.Count < ManyConnections || _blockers.Phase != Node.Phase || now - _blockers.At > BlockersAge)
        {
            _blockers = (Node.Phase, now, FindBlockers(now));
        }

        return _blockers.Items;
    }

    private Blocker[] FindBlockers(DateTimeOffset now)
    {
        if (Node.Phase == NodePhase.Serving)
        {
            return [];
        }

        // The longest-waiting only, so that a report costs little at any number of connections. The heap's top has waited least.
        // In LameDuck nobody waits for the quiet ones; once the ports are closed they hold the drain up like all others.
        PriorityQueue<ConnectionCell, long> longest = new(DrainReport.BlockersMax);
        foreach (var cell in Connections.InOrder)
        {
            if (Node.Phase != NodePhase.LameDuck || cell.State is ConnectionState.Active or ConnectionState.Upgraded)
            {
                var since = -cell.HeldSince.UtcTicks;
                if (longest.Count < DrainReport.BlockersMax)
                {
                    longest.Enqueue(cell, since);
                }
                else if (longest.TryPeek(out _, out var least) && since > least)
                {
                    longest.DequeueEnqueue(cell, since);
                }
            }
        }

        return [.. longest.UnorderedItems.Select(c => Blocker(c.Element.Snapshot(), now))
            .Concat(Leases.Select(l => new Blocker($"lease:{l.Name}", null, ConnectionState.Active, now - l.Since, null, null, l.Since)))
            .OrderBy(b => b.Since)
            .Take(DrainReport.BlockersMax)];
    }

    private static Blocker Blocker(ConnectionSnapshot connection, DateTimeOffset now)
    {
        var longest = connection.CurrentRequests.OrderBy(r => r.Since).Cast<CurrentRequest?>().FirstOrDefault();
        return new(
            connection.Id, connection.Peer, connection.State, now - connection.AcceptedAt,
            longest?.Method, longest?.Path, longest?.Since ?? connection.StateSince);
    }
}
