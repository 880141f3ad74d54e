using System.Globalization;
using ActorServer.Core;
using Spectre.Console;

namespace ActorServer.Cli.Screens;

/// <summary>Answers as tables.</summary>
internal static class Tables
{
    public static Table Of(NodeStatus status, DateTimeOffset now, bool rich)
    {
        var table = New(rich, "node", status.Node);
        var connections = status.Connections;
        Row(table, "phase", $"{status.Phase}{(status.Phase == NodePhase.Serving && !status.Accepting ? ", suspended" : "")}");
        Row(table, "accepting, ready", $"{YesNo(status.Accepting)}, {YesNo(status.Ready)}");
        Row(table, "started", $"{Plain.Time(now - status.StartedAt)} ago");
        Row(table, "connections", $"{connections.Total}: {connections.New} new, {connections.Active} active, {connections.Idle} idle, {connections.Upgraded} upgraded");
        Row(table, "totals", $"{status.Totals.Accepted} accepted, {status.Totals.Closed} closed, {status.Totals.Rejected} rejected, "
            + $"{status.Totals.Aborted} aborted, {status.Totals.Requests} requests");
        if (status.AccessLog is { } log)
        {
            Row(table, "access log", $"{log.Written} lines written, {log.Dropped} dropped");
        }

        Row(table, "last drain", status.Drain is { } drain ? Text(drain, now) : "none");
        return table;
    }

    public static Table Of(IReadOnlyList<ConnectionSnapshot> connections, DateTimeOffset now, bool rich)
    {
        var table = New(rich, "id", "state", "peer", "protocol", "age", "in state", "requests", "sent", "in flight");
        foreach (var c in connections)
        {
            var longest = c.CurrentRequests.Count == 0 ? (CurrentRequest?)null : c.CurrentRequests.MinBy(static r => r.Since);
            Row(
                table, c.Id, $"{c.State}{(c.Draining ? ", draining" : "")}", c.Peer ?? "-", $"{c.Protocol ?? "-"}{(c.Tls ? " TLS" : "")}",
                Plain.Time(now - c.AcceptedAt), Plain.Time(now - c.StateSince), Number(c.Requests), Plain.Bytes(c.BytesSent),
                longest is { } request ? $"{request.Method} {request.Path} {Plain.Time(now - request.Since)}{More(c.InFlight)}" : "");
        }

        return table;
    }

    public static Table Of(ConnectionSnapshot c, DateTimeOffset now, bool rich)
    {
        var table = New(rich, "connection", c.Id);
        Row(table, "state", $"{c.State}{(c.Draining ? ", draining" : "")}{(c.EndReason is { } reason ? $": {reason}" : "")}, for {Plain.Time(now - c.StateSince)}");
        Row(table, "peer", c.Peer ?? "-");
        Row(table, "local", c.Local ?? "-");
        Row(table, "protocol", $"{c.Protocol ?? "none yet"}{(c.Tls ? ", TLS" : "")}");
        Row(table, "accepted", $"{Plain.Time(now - c.AcceptedAt)} ago");
        Row(table, "requests", $"{c.Requests} answered, {c.InFlight} in flight");
        foreach (var request in c.CurrentRequests)
        {
            Row(table, "", $"{request.Method} {request.Path}, for {Plain.Time(now - request.Since)}");
        }

        Row(table, "sent", Plain.Bytes(c.BytesSent));
        foreach (var (index, entry) in c.Timeline.Index())
        {
            Row(table, index == 0 ? "timeline" : "", $"{entry.At:HH:mm:ss.fff} {entry.State}");
        }

        return table;
    }

    /// <summary>Who holds a drain up.</summary>
    /// <param name="drain">The drain.</param>
    /// <param name="now">The time.</param>
    /// <param name="rich">Borders and colours are wanted.</param>
    /// <param name="max">How many are named at most.</param>
    /// <param name="cut">Each has one line, whatever does not fit.</param>
    public static Table Blockers(DrainReport drain, DateTimeOffset now, bool rich, int max, bool cut = false)
    {
        var table = New(rich, "waits for", "state", "peer", "age", "request", "since");
        foreach (var blocker in drain.Blockers.Take(max))
        {
            string[] cells =
            [
                blocker.Id, blocker.State.ToString(), blocker.Peer ?? "-", Plain.Time(blocker.Age),
                blocker.Method is null ? "-" : $"{blocker.Method} {blocker.Path}", Plain.Time(now - blocker.Since),
            ];
            if (cut)
            {
                table.AddRow(cells.Select(static c => new OneLine(c)));
            }
            else
            {
                Row(table, cells);
            }
        }

        if (drain.Blockers.Count > max)
        {
            Row(table, $"and {drain.Remaining - max} more", "", "", "", "", "");
        }

        return table;
    }

    private static string Text(DrainReport drain, DateTimeOffset now)
    {
        var text = $"{drain.Id}, {drain.Phase}, {drain.Trigger}{(drain.Reason is { } reason ? $" ({reason})" : "")}, "
            + $"{drain.Initial} at its start, {drain.Closed} closed, {drain.Completed} completed, {drain.Aborted} aborted";
        return drain.EndedAt is { } ended ? $"{text}; ended {Plain.Time(now - ended)} ago"
            : $"{text}, {drain.Remaining} left; {(drain.Deadline is { } deadline ? $"{Plain.Time(deadline - now)} to its deadline" : "no deadline")}";
    }

    private static Table New(bool rich, params string[] columns)
    {
        var table = new Table { Border = rich ? TableBorder.Rounded : TableBorder.None };
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(new Text(Plain.Text(column))) { NoWrap = !rich, Padding = new Padding(0, 0, rich ? 1 : 2, 0) });
        }

        return table;
    }

    // Purposefully not markup: clients choose paths.
    private static void Row(Table table, params string[] cells) => table.AddRow(cells.Select(static c => new Text(Plain.Text(c))));

    private static string More(int inFlight) => inFlight > 1 ? $" (+{inFlight - 1})" : "";

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string YesNo(bool value) => value ? "yes" : "no";
}
