using ActorServer.Core;
using ActorServer.TestKit;
using Akka.Actor;

namespace ActorServer.Actors.Tests;

/// <summary>Virtual time in step with the actors, and a front end that obeys.</summary>
internal static class VirtualNodeExtensions
{
    /// <summary>A safety net, not a measure.</summary>
    public static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    // What is told may be told on: from a connection to the supervisor, to its other connections, and back. A crash puts the
    // message that met it behind all others, once.
    private const int Rounds = 3;

    /// <summary>Waits until every actor has heard what was told so far, and what followed from it.</summary>
    public static async Task SettleAsync(this VirtualNode node)
    {
        var supervisor = await node.SupervisorAsync();
        for (var round = 0; round < Rounds; round++)
        {
            await HeardAsync([supervisor]);
            await HeardAsync([.. ((ActorRefWithCell)supervisor).Children, supervisor]);
        }
    }

    /// <summary>Lets time pass once all actors have heard what happened before, and waits until they have heard the timers.</summary>
    public static async Task AdvanceAsync(this VirtualNode node, TimeSpan time)
    {
        await node.SettleAsync();
        node.Advance(time);
        await node.SettleAsync();
    }

    /// <summary>The supervisor's actor.</summary>
    public static Task<IActorRef> SupervisorAsync(this VirtualNode node)
        => node.System.ActorSelection($"/user/{ActorServerNode.ActorName}").ResolveOne(WaitMax);

    /// <summary>A connection comes in, over a transport that is not the kit's.</summary>
    public static ConnectionCell Accept(this VirtualNode node, string connectionId, ITransport transport)
        => ((ActorServerNode)node.Server).Accept(connectionId, transport);

    /// <summary>A connection that has been served once.</summary>
    public static async Task<VirtualConnection> AcceptIdleAsync(this VirtualNode node, FakeTransport? transport = null)
    {
        var connection = await node.AcceptAsync(transport);
        connection.End(connection.Start());
        await node.Transitions.ReachAsync(connection.Id, ConnectionState.Idle);
        return connection;
    }

    /// <summary>A connection with one request in flight.</summary>
    public static async Task<(VirtualConnection Connection, object Request)> AcceptBusyAsync(
        this VirtualNode node, string path = "/", FakeTransport? transport = null)
    {
        var connection = await node.AcceptAsync(transport);
        var request = connection.Start(path);
        await node.Transitions.ReachAsync(connection.Id, ConnectionState.Active);
        return (connection, request);
    }

    /// <summary>A connection that has left HTTP.</summary>
    public static async Task<VirtualConnection> AcceptUpgradedAsync(this VirtualNode node, string path = "/ws")
    {
        var (connection, _) = await node.AcceptBusyAsync(path);
        connection.Cell.Upgraded();
        await node.Transitions.ReachAsync(connection.Id, ConnectionState.Upgraded);
        return connection;
    }

    /// <summary>The connection's state as its reference answers it.</summary>
    public static async Task<ConnectionSnapshot> SnapshotAsync(this VirtualNode node, VirtualConnection connection)
        => await node.Server.Connection(connection.Id).GetAsync()
            ?? throw new InvalidOperationException($"{connection.Id} is unknown.");

    /// <summary>The connection has gone through these states and no other, and its observers have been told so.</summary>
    public static async Task AssertWentAsync(this VirtualNode node, VirtualConnection connection, params ConnectionState[] states)
    {
        await node.SettleAsync();
        Assert.Equal(states, (await node.SnapshotAsync(connection)).Timeline.Select(e => e.State));
        // The log hears it later than the actors do.
        await node.Transitions.ExpectAsync(connection.Id, states);
    }

    /// <summary>The sockets of those that were told to end, end.</summary>
    public static async Task ObeyAsync(this VirtualNode node, params IEnumerable<VirtualConnection> connections)
    {
        foreach (var connection in connections.Where(c => c.IsToldToEnd()))
        {
            connection.Cell.Closed();
        }

        await node.SettleAsync();
    }

    /// <summary>The ports close, and the supervisor knows.</summary>
    public static async Task ClosePortsAsync(this VirtualNode node)
    {
        await node.Gate.Closing.SoonAsync();
        await Task.Run(node.Gate.Close);
        await node.SettleAsync();
    }

    /// <summary>The supervisor's actor fails, and its successor has taken over.</summary>
    public static async Task CrashSupervisorAsync(this VirtualNode node)
    {
        node.Gate.Failure = new InvalidOperationException("A crash of the supervisor.");
        // Asked for the ports, it fails; the question is answered after the crash.
        await node.Server.StatusAsync();
        Assert.Null(node.Gate.Failure);
        await node.SettleAsync();
    }

    /// <summary>The connection was closed or aborted by its actor.</summary>
    public static bool IsToldToEnd(this VirtualConnection connection)
        => connection.Transport.CloseRequested.IsCompleted || connection.Transport.Aborted.IsCompleted;

    /// <summary>Waits for a fact, within the safety net.</summary>
    public static Task<T> SoonAsync<T>(this Task<T> task) => task.WaitAsync(WaitMax);

    /// <summary>Waits for a fact, within the safety net.</summary>
    public static Task SoonAsync(this Task task) => task.WaitAsync(WaitMax);

    private static async Task HeardAsync(IReadOnlyList<IActorRef> actors)
    {
        using CancellationTokenSource heard = new();
        var answers = actors.Select(a => a.Ask<ActorIdentity>(new Identify(null), heard.Token)).ToList();
        await answers[^1].SoonAsync();
        for (var i = 0; i < actors.Count; i++)
        {
            if (!answers[i].IsCompleted)
            {
                // One that is stopping hears nothing any more, and may not answer.
                await Task.WhenAny(answers[i], actors[i].WatchAsync(heard.Token)).SoonAsync();
            }
        }

        await heard.CancelAsync();
    }
}
