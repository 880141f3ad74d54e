using ActorServer.Core;
using ActorServer.TestKit;

namespace ActorServer.EndToEnd.Tests;

/// <summary>Questions that many tests ask.</summary>
internal static class StartedServerExtensions
{
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
}
