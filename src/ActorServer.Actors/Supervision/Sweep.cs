using ActorServer.Core;
using Akka.Actor;

namespace ActorServer.Actors;

/// <summary>What a drain tells the connections' actors.</summary>
internal sealed class Sweep(Ledger ledger, NodeSetup setup)
{
    /// <summary>A connection that comes while the node drains is told at once what all others were told.</summary>
    public void Tell(IActorRef connection)
    {
        if (ledger.Node.Phase == NodePhase.Serving)
        {
            if (ledger.Drain is { IsCancelled: true })
            {
                // It may have been accepted in the drain that was called off, and announce its close ever since.
                connection.Tell(Withdraw.Instance);
            }

            return;
        }

        connection.Tell(Announce.Instance);
        if (ledger.Node.Aborting)
        {
            connection.Tell(new AbortOrder(EndReason.DrainAborted));
        }
        else if (ledger.Node.PortsClosed && !ledger.Drain!.Plan.Spread.IsInfinite)
        {
            connection.Tell(Order(setup.Time.GetUtcNow()));
        }
    }

    /// <summary>Gives the quiet ones their turns, and all others theirs once they are quiet.</summary>
    public void Close()
    {
        var spread = ledger.Drain!.Plan.Spread;
        if (spread.IsInfinite)
        {
            return;
        }

        var now = setup.Time.GetUtcNow();
        var order = Order(now);
        if (spread.Value == TimeSpan.Zero)
        {
            TellAll(order);
            return;
        }

        var quiet = ledger.Connections.InOrder
            .Where(c => c.State is ConnectionState.New or ConnectionState.Idle).OrderBy(c => c.StateSince).ToList();
        var step = spread.Value / Math.Max(1, quiet.Count);
        for (var i = 0; i < quiet.Count; i++)
        {
            // Evenly, longest idle first; the jitter keeps the nodes of a fleet from falling into step.
            quiet[i].Owner?.Tell(Order(now + (step * (i + Random.Shared.NextDouble()))));
        }

        // All others, whatever they are by now: a state may change at any moment.
        foreach (var cell in ledger.Connections.InOrder.Except(quiet))
        {
            cell.Owner?.Tell(order);
        }
    }

    /// <summary>Cuts who is left, and writes down who that is.</summary>
    public void Abort()
    {
        var report = ledger.Report(setup.Time.GetUtcNow())!;
        if (report.Blockers.Count > 0)
        {
            // By name: the report keeps who was cut, gone or not.
            ledger.Drain = ledger.Drain! with
            {
                Cut = [.. (ledger.Drain.Cut ?? []).Concat(report.Blockers).DistinctBy(b => b.Id).Take(DrainReport.BlockersMax)],
            };
            setup.Log.DrainAborts(report.Id, report.Remaining, DrainLead.Names(report.Blockers));
            TellAll(new AbortOrder(EndReason.DrainAborted));
        }
    }

    /// <summary>Tells every connection's actor.</summary>
    public void TellAll(object message)
    {
        foreach (var cell in ledger.Connections.InOrder)
        {
            cell.Owner?.Tell(message);
        }
    }

    private CloseOrder Order(DateTimeOffset notBefore)
        => new(notBefore, setup.Drain.IdleGrace.Value, setup.Drain.SilentGrace.Value);
}
