using ActorServer.Core;
using ActorServer.TestKit;
using Akka.Actor;
using Akka.Configuration;

namespace ActorServer.Actors.Tests;

/// <summary>Transitions that come faster than they can be taken: what waits is bounded by the connections, and right in the end.</summary>
public sealed class BackpressureSpecs
{
    private const int Requests = 5_000;

    [Fact]
    public async Task An_actor_that_cannot_follow_is_told_once_and_misses_nothing()
    {
        await using var node = VirtualNode.Start(config: HeldDispatcher.Config);
        FakeTransport transport = new();
        VirtualConnection connection = new(node.Accept(HeldDispatcher.ConnectionId, transport), transport);
        await node.Transitions.ReachAsync(connection.Id, ConnectionState.New);
        var actor = await ActorAsync(node, connection.Id);
        using var hold = await HeldDispatcher.HoldAsync(node);

        for (var i = 0; i < Requests; i++)
        {
            connection.End(connection.Start());
        }

        Assert.Equal(1, actor.NumberOfMessages);
        hold.Release();
        await node.Transitions.ReachAsync(connection.Id, ConnectionState.Idle, times: Requests);
        await node.SettleAsync();
        var states = node.Transitions.States(connection.Id);
        Assert.Equal(1 + (2 * Requests), states.Count);
        Assert.All(states.Skip(1).Index(), s => Assert.Equal(s.Index % 2 == 0 ? ConnectionState.Active : ConnectionState.Idle, s.Item));
        Assert.Equal((Requests, 0), ((await node.SnapshotAsync(connection)).Requests, (await node.SnapshotAsync(connection)).InFlight));
        Assert.Equal(new ConnectionCounts(0, 0, Idle: 1, 0), (await node.Server.StatusAsync()).Connections);
    }

    [Fact]
    public async Task A_supervisor_that_cannot_follow_has_at_most_one_message_of_each_connection()
    {
        const int connections = 20;
        Config supervisorsToo = """akka.actor.deployment { "/actor-server-connections" { dispatcher = held } }""";
        await using var node = VirtualNode.Start(config: supervisorsToo.WithFallback(HeldDispatcher.Config));
        List<VirtualConnection> all = [];
        for (var i = 0; i < connections; i++)
        {
            all.Add(await node.AcceptIdleAsync());
        }

        var supervisor = await ActorAsync(node, null);
        using var hold = await HeldDispatcher.HoldAsync(node);

        for (var i = 0; i < Requests / connections; i++)
        {
            foreach (var connection in all)
            {
                // Each of them has been published before the next one comes.
                connection.End(connection.Start());
                await node.Transitions.ReachAsync(connection.Id, ConnectionState.Idle, times: 2 + i);
            }
        }

        // The last of them becomes active, and stays so.
        all[^1].Start();
        await node.Transitions.ReachAsync(all[^1].Id, ConnectionState.Active, times: 2 + (Requests / connections));
        Assert.InRange(supervisor.NumberOfMessages, 1, connections);

        hold.Release();
        var status = await node.Server.StatusAsync();
        Assert.Equal(new ConnectionCounts(0, Active: 1, Idle: connections - 1, 0), status.Connections);
        Assert.Equal((connections, connections + Requests), (status.Totals.Accepted, status.Totals.Requests));
    }

    // The actor of a connection; null: the supervisor.
    private static async Task<ActorCell> ActorAsync(VirtualNode node, string? id)
        => (ActorCell)Assert.IsAssignableFrom<ActorRefWithCell>(
            await node.System.ActorSelection($"/user/{ActorServerNode.ActorName}{(id is null ? "" : "/" + id)}").ResolveOne(VirtualNodeExtensions.WaitMax))
            .Underlying;
}
