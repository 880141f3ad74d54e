using ActorServer.Actors;
using ActorServer.Core;
using Akka.Actor;

namespace ActorServer.TestKit;

/// <summary>Questions to a node that a test may ask of any connection.</summary>
public static class ConnectionActors
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    /// <summary>The connection as it is, or as it ended: state, requests in flight, timeline, end reason.</summary>
    /// <param name="server">The node.</param>
    /// <param name="id">The connection.</param>
    /// <exception cref="KeyNotFoundException">There is no such connection, or its end is forgotten.</exception>
    public static async Task<ConnectionSnapshot> SnapshotAsync(this IActorServer server, string id)
    {
        ArgumentNullException.ThrowIfNull(server);
        return await server.Connection(id).GetAsync() ?? throw new KeyNotFoundException($"There is no connection {id}.");
    }

    /// <summary>The actor that owns a live connection, for a test that watches or stops it.</summary>
    /// <param name="system">The actor system of the node.</param>
    /// <param name="id">The connection.</param>
    /// <exception cref="ActorNotFoundException">It has ended, or there is none.</exception>
    public static Task<IActorRef> ConnectionActorAsync(this ActorSystem system, string id)
    {
        ArgumentNullException.ThrowIfNull(system);
        return system.ActorSelection($"/user/{ActorServerNode.ActorName}/{id}").ResolveOne(WaitMax);
    }
}
