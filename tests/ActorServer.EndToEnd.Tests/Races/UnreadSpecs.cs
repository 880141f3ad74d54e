using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;

namespace ActorServer.EndToEnd.Tests.Races;

/// <summary>A request that has arrived, and that nobody has read yet, when its idle connection's turn comes to close.</summary>
public sealed class UnreadSpecs
{
    private const int Clients = 20;

    // A close that looks finds the bytes this often, and stays away; one that does not comes to the socket once.
    private const int Looks = 3;

    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_close_that_does_not_look_loses_it()
        => Assert.Equal(Clients, await LoseAsync(builder => builder.UseGate(kestrel => new(kestrel) { LooksForUnread = false })));

    [Fact]
    public async Task A_close_that_looks_waits_until_it_is_read_and_answered() => Assert.Equal(0, await LoseAsync(_ => { }));

    private static async Task<int> LoseAsync(Action<WebApplicationBuilder> configure)
    {
        HeldTransport transport = new();
        await using var server = await StartedServer.StartAsync(
            app => app.MapGet("/hello", () => "hello"), configure, prepare: transport.AddTo);
        var clients = await server.AskAsync(Clients);
        foreach (var client in clients)
        {
            await client.ReadResponseAsync();
        }

        await server.Transitions.ReachAsync(ConnectionState.Idle, Clients);
        transport.Hold();
        await Task.WhenAll(clients.Select(c => c.SendGetAsync("/hello")));

        var looked = transport.LookedAtAsync(Clients * Looks);
        var drained = server.DrainAsync();
        // Either the closes keep away, or the connections end with their requests unread.
        await Task.WhenAny(looked, transport.EndedAsync(Clients)).WaitAsync(WaitMax);
        transport.Release();

        var lost = await clients.CountLostAsync();
        await drained.WaitAsync(WaitMax);
        return lost;
    }
}
