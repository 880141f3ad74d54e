using ActorServer.Actors;
using ActorServer.Core;
using Akka.Actor;

namespace ActorServer.TestKit;

/// <summary>Virtual time in step with the actors, and a front end that obeys.</summary>
public static class VirtualNodeSteps
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    // What is told may be told on: from a connection to the supervisor, to its other connections, and back. A crash puts the
    // message that met it behind all others, once.
    private const int Rounds = 3;

    /// <summary>Waits until every actor has heard what was told so far, and what followed from it.</summary>
    /// <param name="node">The node.</param>
    public static async Task SettleAsync(this VirtualNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        var supervisor = await node.System.ActorSelection($"/user/{ActorServerNode.ActorName}").ResolveOne(WaitMax);
        for (var round = 0; round < Rounds; round++)
        {
            await HeardAsync([supervisor]);
            await HeardAsync([.. ((ActorRefWithCell)supervisor).Children, supervisor]);
        }
    }

    /// <summary>Lets time pass once all actors have heard what happened before, and waits until they have heard the timers.</summary>
    /// <param name="node">The node.</param>
    /// <param name="time">How much; takes none.</param>
    public static async Task AdvanceAsync(this VirtualNode node, TimeSpan time)
    {
        await node.SettleAsync();
        node.Advance(time);
        await node.SettleAsync();
    }

    /// <summary>A connection comes in, and is served once: it is Idle.</summary>
    /// <param name="node">The node.</param>
    /// <param name="transport">Its socket; null: a new fake.</param>
    public static async Task<VirtualConnection> AcceptIdleAsync(this VirtualNode node, FakeTransport? transport = null)
    {
        ArgumentNullException.ThrowIfNull(node);
        var connection = await node.AcceptAsync(transport);
        connection.End(connection.Start());
        await node.Transitions.ReachAsync(connection.Id, ConnectionState.Idle);
        return connection;
    }

    /// <summary>A connection comes in, with one request in flight: it is Active.</summary>
    /// <param name="node">The node.</param>
    /// <param name="path">The request's path.</param>
    /// <param name="transport">Its socket; null: a new fake.</param>
    /// <returns>The connection, and what ends its request.</returns>
    public static async Task<(VirtualConnection Connection, object Request)> AcceptBusyAsync(
        this VirtualNode node, string path = "/", FakeTransport? transport = null)
    {
        ArgumentNullException.ThrowIfNull(node);
        var connection = await node.AcceptAsync(transport);
        var request = connection.Start(path);
        await node.Transitions.ReachAsync(connection.Id, ConnectionState.Active);
        return (connection, request);
    }

    /// <summary>A connection comes in, and leaves HTTP: it is Upgraded.</summary>
    /// <param name="node">The node.</param>
    /// <param name="path">The path of the request that upgrades it.</param>
    public static async Task<VirtualConnection> AcceptUpgradedAsync(this VirtualNode node, string path = "/ws")
    {
        var (connection, _) = await node.AcceptBusyAsync(path);
        connection.Cell.Upgraded();
        await node.Transitions.ReachAsync(connection.Id, ConnectionState.Upgraded);
        return connection;
    }

    /// <summary>The connection as it is, or as it ended.</summary>
    /// <param name="node">The node.</param>
    /// <param name="connection">The connection.</param>
    public static Task<ConnectionSnapshot> SnapshotAsync(this VirtualNode node, VirtualConnection connection)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(connection);
        return node.Server.SnapshotAsync(connection.Id);
    }

    /// <summary>The connection was closed or aborted by its actor.</summary>
    /// <param name="connection">The connection.</param>
    public static bool IsToldToEnd(this VirtualConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return connection.Transport.CloseRequested.IsCompleted || connection.Transport.Aborted.IsCompleted;
    }

    /// <summary>The sockets of those that were told to end, end.</summary>
    /// <param name="node">The node.</param>
    /// <param name="connections">Whose, if they were told.</param>
    public static async Task ObeyAsync(this VirtualNode node, params IEnumerable<VirtualConnection> connections)
    {
        foreach (var connection in connections.Where(c => c.IsToldToEnd()))
        {
            connection.Cell.Closed();
        }

        await node.SettleAsync();
    }

    private static async Task HeardAsync(IReadOnlyList<IActorRef> actors)
    {
        using CancellationTokenSource heard = new();
        var answers = actors.Select(a => a.Ask<ActorIdentity>(new Identify(null), heard.Token)).ToList();
        await answers[^1].WaitAsync(WaitMax);
        for (var i = 0; i < actors.Count; i++)
        {
            if (!answers[i].IsCompleted)
            {
                // One that is stopping hears nothing any more, and may not answer.
                await Task.WhenAny(answers[i], actors[i].WatchAsync(heard.Token)).WaitAsync(WaitMax);
            }
        }

        await heard.CancelAsync();
    }
}
