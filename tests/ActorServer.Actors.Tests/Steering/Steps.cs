using ActorServer.Core;
using ActorServer.TestKit;
using Akka.Actor;

namespace ActorServer.Actors.Tests.Steering;

/// <summary>Virtual time in step with the actors.</summary>
internal static class Steps
{
    /// <summary>A safety net, not a measure.</summary>
    public static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    // What is told is told on: from the supervisor to a connection, from there to the supervisor, and to itself.
    private const int Rounds = 3;

    /// <summary>Waits until every actor has heard what was told so far, and what followed from it.</summary>
    public static async Task SettleAsync(this VirtualNode node)
    {
        var supervisor = await node.System.ActorSelection($"/user/{ActorServerNode.ActorName}").ResolveOne(WaitMax);
        for (var round = 0; round < Rounds; round++)
        {
            await HeardAsync(supervisor);
            await Task.WhenAll(((ActorRefWithCell)supervisor).Children.Select(HeardAsync));
        }
    }

    /// <summary>Lets time pass when all have heard what happened before, and waits until they have heard the timers.</summary>
    public static async Task AdvanceAsync(this VirtualNode node, TimeSpan time)
    {
        await node.SettleAsync();
        node.Advance(time);
        await node.SettleAsync();
    }

    /// <summary>A connection that has been served once.</summary>
    public static async Task<VirtualConnection> IdleAsync(this VirtualNode node)
    {
        var connection = await node.AcceptAsync();
        connection.End(connection.Start());
        await node.Transitions.ReachAsync(connection.Id, ConnectionState.Idle);
        return connection;
    }

    /// <summary>A connection with one request in flight.</summary>
    public static async Task<(VirtualConnection Connection, object Request)> BusyAsync(
        this VirtualNode node, string path = "/")
    {
        var connection = await node.AcceptAsync();
        var request = connection.Start(path);
        await node.Transitions.ReachAsync(connection.Id, ConnectionState.Active);
        return (connection, request);
    }

    /// <summary>A drain that has come as far as its phase; nothing is left to advance before that.</summary>
    public static async Task DrainUntilAsync(
        this VirtualNode node, NodePhase phase, DrainTrigger trigger = DrainTrigger.Api)
    {
        var drain = await node.Server.BeginDrainAsync(new(trigger));
        if (phase != NodePhase.LameDuck)
        {
            await node.AdvanceAsync(drain.LameDuckUntil - drain.StartedAt);
        }

        if (phase == NodePhase.Drained)
        {
            await node.AdvanceAsync(drain.Deadline!.Value - drain.LameDuckUntil);
        }

        Assert.Equal(phase, (await node.Server.StatusAsync()).Phase);
    }

    /// <summary>The supervisor's actor fails, and its successor has taken over.</summary>
    public static async Task CrashSupervisorAsync(this VirtualNode node)
    {
        FailingTransport transport = new();
        var cell = ((ActorServerNode)node.Server).Accept($"crash{Guid.NewGuid():N}", transport);
        // Asked for a peer, it fails; the question is answered after the crash.
        await node.Server.ConnectionsAsync(new(Peer: "nobody"));
        Assert.True(transport.HasFailed);
        cell.Closed();
        await node.SettleAsync();
    }

    /// <summary>The node serves: it may be sent traffic, and announces nothing.</summary>
    public static async Task AssertServesAsync(this VirtualNode node)
    {
        var status = await node.Server.StatusAsync();
        Assert.Equal((NodePhase.Serving, true, true), (status.Phase, status.Accepting, status.Ready));
        Assert.False(node.Gate.Announced);
    }

    /// <summary>Waits for a fact, within the safety net.</summary>
    public static Task<T> SoonAsync<T>(this Task<T> task) => task.WaitAsync(WaitMax);

    /// <summary>Waits for a fact, within the safety net.</summary>
    public static Task SoonAsync(this Task task) => task.WaitAsync(WaitMax);

    private static Task HeardAsync(IActorRef actor) => actor.Ask<ActorIdentity>(new Identify(null), WaitMax);
}
