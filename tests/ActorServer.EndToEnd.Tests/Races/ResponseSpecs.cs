using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ActorServer.EndToEnd.Tests.Races;

/// <summary>
/// Requests that were being answered when the drain began, of clients that ask again as soon as they have the answer: who has not
/// been told does not know that the connection is to go.
/// </summary>
public sealed class ResponseSpecs
{
    private const int Clients = 20;

    [Fact]
    public async Task Headers_that_are_out_announce_nothing_and_without_a_grace_the_next_request_is_lost()
        => Assert.Equal(Clients, await LoseAsync("/begun", Duration.Zero));

    [Fact]
    [Trait("Conformance", "24")]
    public async Task Headers_that_are_out_announce_nothing_and_within_the_grace_the_next_request_is_answered()
        => Assert.Equal(0, await LoseAsync("/begun", TimeSpan.FromMinutes(1)));

    [Fact]
    public async Task Announced_with_the_request_only_the_next_request_is_lost()
        => Assert.Equal(Clients, await LoseAsync(
            "/held", Duration.Zero, builder => builder.UseGate(kestrel => new(kestrel) { AnnouncesLate = false })));

    [Fact]
    [Trait("Conformance", "22")]
    public async Task Announced_with_the_response_no_request_is_lost() => Assert.Equal(0, await LoseAsync("/held", Duration.Zero));

    private static async Task<int> LoseAsync(string path, Duration grace, Action<WebApplicationBuilder>? configure = null)
    {
        Held held = new();
        await using var server = await TestApplication.StartAsync(
            held,
            app => app.MapGet("/begun", async (HttpContext context) =>
            {
                await context.Response.WriteAsync("begun, ");
                await context.Response.Body.FlushAsync();
                await held.WaitAsync(context.RequestAborted);
                await context.Response.WriteAsync("ended");
            }),
            configure,
            d => d.IdleGrace = grace);
        var clients = await server.AskAsync(Clients, path);
        await held.EnteredAsync(Clients);
        var drained = await server.DrainPastPortsAsync();

        held.Release();
        var answers = await Task.WhenAll(clients.Select(c => c.ReadResponseAsync()));
        if (grace == Duration.Zero)
        {
            // Whoever is not told is closed as soon as it is idle. A client that asks any sooner may be lucky.
            await server.Transitions.ReachAsync(ConnectionState.Closed, Clients + 1);
        }

        // Nobody asks where the end was announced.
        var unaware = clients.Zip(answers).Where(c => !c.Second.AnnouncesClose).Select(c => c.First).ToList();
        await Task.WhenAll(unaware.Select(c => c.SendGetAsync("/hello")));
        var lost = await unaware.CountLostAsync();
        await drained;
        return lost;
    }
}
