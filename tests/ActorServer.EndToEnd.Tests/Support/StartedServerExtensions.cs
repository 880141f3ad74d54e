using System.Net;
using ActorServer.Actors;
using ActorServer.Core;
using ActorServer.TestKit;
using Akka.Actor;
using Microsoft.Extensions.DependencyInjection;

namespace ActorServer.EndToEnd.Tests;

/// <summary>Questions that many tests ask.</summary>
internal static class StartedServerExtensions
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    /// <summary>Waits for the end of a server's first connection, which must have gone through these states and no others.</summary>
    public static async Task<ConnectionSnapshot> EndOfTheOnlyConnectionAsync(this StartedServer server, params ConnectionState[] states)
    {
        Assert.Equal(ConnectionState.Closed, states[^1]);
        var id = (await server.Transitions.ReachAsync(ConnectionState.New))[0];
        await server.Transitions.ReachAsync(id, ConnectionState.Closed);
        Assert.Equal(states, server.Transitions.States(id));
        return await server.ConnectionAsync(id);
    }

    /// <summary>A connection as it is, or as it ended.</summary>
    public static async Task<ConnectionSnapshot> ConnectionAsync(this StartedServer server, string id)
    {
        var snapshot = await server.Server.Connection(id).GetAsync();
        Assert.NotNull(snapshot);
        return snapshot;
    }

    /// <summary>
    /// Begins a drain, and waits until its ports are closed and every connection has heard that it is to close. A silent
    /// connection is made for it, and counted by the drain: it is told like all others, but after the ports, and its end is seen.
    /// </summary>
    /// <returns>The drain's end.</returns>
    public static async Task<Task<DrainReport>> DrainPastPortsAsync(this StartedServer server, DrainRequest? request = null)
    {
        await using var silent = await RawClient.ConnectAsync(new IPEndPoint(IPAddress.Loopback, server.Address.Port));
        var id = await server.IdOfAsync(silent);

        var drained = server.Server.DrainAsync(request);

        await silent.ReadEndAsync();
        await server.Transitions.ReachAsync(id, ConnectionState.Closed);
        await server.HeardAsync();
        return drained;
    }

    /// <summary>Waits until the actors of all live connections have heard what the node's supervisor has told them so far.</summary>
    /// <remarks>A mailbox is a queue: whoever answers a question has heard what came before it.</remarks>
    public static async Task HeardAsync(this StartedServer server)
    {
        var system = server.Services.GetRequiredService<ActorSystem>();
        var page = await server.Server.ConnectionsAsync(new ConnectionQuery { Limit = ConnectionQuery.LimitMax });
        await Task.WhenAll(page.Items.Select(async connection =>
        {
            try
            {
                await system.ActorSelection($"/user/{ActorServerNode.ActorName}/{connection.Id}").ResolveOne(WaitMax);
            }
            catch (ActorNotFoundException)
            {
                // It has ended meanwhile: there is nothing left for it to hear.
            }
        }));
    }
}
