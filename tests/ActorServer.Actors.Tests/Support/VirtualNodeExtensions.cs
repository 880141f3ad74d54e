using ActorServer.Core;
using ActorServer.TestKit;
using Akka.Actor;

namespace ActorServer.Actors.Tests;

/// <summary>Questions and accidents of a virtual node that only these tests have.</summary>
internal static class VirtualNodeExtensions
{
    /// <summary>A safety net, not a measure.</summary>
    public static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    /// <summary>The supervisor's actor.</summary>
    public static Task<IActorRef> SupervisorAsync(this VirtualNode node)
        => node.System.ActorSelection($"/user/{ActorServerNode.ActorName}").ResolveOne(WaitMax);

    /// <summary>A connection comes in, over a transport that is not the kit's.</summary>
    public static ConnectionCell Accept(this VirtualNode node, string connectionId, ITransport transport)
        => ((ActorServerNode)node.Server).Accept(connectionId, transport);

    /// <summary>The connection has gone through these states and no other, and its observers have been told so.</summary>
    public static async Task AssertWentAsync(this VirtualNode node, VirtualConnection connection, params ConnectionState[] states)
    {
        await node.SettleAsync();
        Assert.Equal(states, (await node.SnapshotAsync(connection)).Timeline.Select(e => e.State));
        // The log hears it later than the actors do.
        await node.Transitions.ExpectAsync(connection.Id, states);
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

    /// <summary>Waits for a fact, within the safety net.</summary>
    public static Task<T> SoonAsync<T>(this Task<T> task) => task.WaitAsync(WaitMax);

    /// <summary>Waits for a fact, within the safety net.</summary>
    public static Task SoonAsync(this Task task) => task.WaitAsync(WaitMax);
}
