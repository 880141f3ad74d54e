using ActorServer.Core;
using ActorServer.TestKit;

namespace ActorServer.EndToEnd.Tests.Races;

/// <summary>Connections whose first request is on its way when the ports close.</summary>
public sealed class SilentSpecs
{
    private const int Clients = 20;

    [Fact]
    [Trait("Conformance", "35")]
    public async Task Without_a_grace_first_requests_are_lost() => Assert.Equal(Clients, await LoseAsync(Duration.Zero));

    [Fact]
    [Trait("Conformance", "35")]
    public async Task Within_the_grace_none_is_lost() => Assert.Equal(0, await LoseAsync(TimeSpan.FromMinutes(1)));

    private static async Task<int> LoseAsync(Duration grace)
    {
        await using var server = await TestApplication.StartAsync(drain: d => d.SilentGrace = grace);
        var clients = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => RawClient.ConnectAsync(server.Address)));
        await server.Transitions.ReachAsync(ConnectionState.New, Clients);

        var drained = grace == Duration.Zero ? await server.DrainPastPortsAsync() : server.DrainAsync();
        await server.PortsClosedAsync();
        if (grace == Duration.Zero)
        {
            await server.Transitions.ReachAsync(ConnectionState.Closed, Clients);
        }

        await Task.WhenAll(clients.Select(c => c.SendGetAsync("/hello")));

        var lost = await clients.CountLostAsync();
        await drained;
        return lost;
    }
}
