using System.Net.Sockets;
using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ActorServer.EndToEnd.Tests.Races;

/// <summary>
/// Streams of HTTP/2 that are on their way when GOAWAY comes: they are not served, and their clients send them again, on a new
/// connection and a few times at most.
/// </summary>
public sealed class GoAwaySpecs
{
    // .NET's HttpClient gives up after so many.
    private const int RetriesMax = 3;
    private const int Requests = 10;

    private static readonly DrainRequest Announcing = new(DrainTrigger.Code, Duration.Infinite, TimeSpan.FromHours(1));

    [Fact]
    public async Task A_request_that_meets_it_on_every_new_connection_is_given_up()
    {
        var met = 0;
        for (var i = 0; i < Requests && met <= RetriesMax; i++)
        {
            met = await MostMetAsync(1, builder => builder.UseGate(kestrel => new(kestrel) { SparesYoung = false }));
        }

        Assert.True(met > RetriesMax);
    }

    [Fact]
    public async Task A_request_meets_it_once_in_the_lame_duck_when_young_connections_are_spared()
        => Assert.InRange(await MostMetAsync(Requests, _ => { }), 0, 1);

    [Fact]
    public async Task A_request_meets_it_once_more_when_the_ports_are_closed_and_nobody_comes_back()
    {
        Held begun = new();
        begun.Release();
        await using var server = await TestApplication.StartAsync(
            map: app => app.MapPost("/upload", async (HttpRequest request) =>
            {
                await begun.WaitAsync();
                return await new StreamReader(request.Body).ReadToEndAsync();
            }),
            configure: TestApplication.ListenHttp2(tls: false));
        await server.Server.BeginDrainAsync(Announcing);
        await using var young = await Http2Client.ConnectAsync(server.Address);
        await young.OpenAsync(1, "/hello");
        await young.ReadResponseAsync(1);
        // While a stream is open its connection is not idle: it is told inside the next one.
        await young.OpenAsync(3, "/upload", ends: false);
        await begun.EnteredAsync();

        await server.Server.BeginDrainAsync(new(DrainTrigger.Code, Duration.Infinite, Duration.Zero));
        await server.PortsClosedAsync();

        Assert.False(await IsAnsweredLateAsync(young, 5, async () =>
        {
            await young.SendDataAsync(3, "body", ends: true);
            Assert.Equal((true, "body"), await young.ReadResponseAsync(3));
        }));
        await Assert.ThrowsAnyAsync<SocketException>(() => Http2Client.ConnectAsync(server.Address));
        Assert.False((await server.Server.WhenDrained).HasAborted);
    }

    // How often the unluckiest of so many requests meets GOAWAY in a lame duck.
    private static async Task<int> MostMetAsync(int requests, Action<WebApplicationBuilder> configure)
    {
        await using var server = await TestApplication.StartAsync(configure: TestApplication.ListenHttp2(tls: false) + configure);
        List<Http2Client> old = [];
        for (var i = 0; i < requests; i++)
        {
            old.Add(await Http2Client.ConnectAsync(server.Address));
            await old[i].OpenAsync(1, "/hello");
            await old[i].ReadResponseAsync(1);
        }

        await server.Transitions.ReachAsync(ConnectionState.Idle, requests);
        await server.Server.BeginDrainAsync(Announcing);
        await server.HeardAsync();
        return (await Task.WhenAll(old.Select(client => CountMetAsync(server, client)))).Max();
    }

    private static async Task<int> CountMetAsync(StartedServer server, Http2Client old)
    {
        var (client, stream, met) = (old, 3, 0);
        while (true)
        {
            await using (client)
            {
                if (await IsAnsweredLateAsync(client, stream) || ++met > RetriesMax)
                {
                    return met;
                }
            }

            (client, stream) = (await Http2Client.ConnectAsync(server.Address), 1);
        }
    }

    // A request that is sent just after another one is answered, by a client that has not seen what else has come by then.
    private static async Task<bool> IsAnsweredLateAsync(Http2Client client, int stream, Func<Task>? beforeIsOver = null)
    {
        try
        {
            await client.OpenAsync(stream, "/hello");
            await client.ReadResponseAsync(stream);
            await (beforeIsOver?.Invoke() ?? Task.CompletedTask);
            // With the second one, whatever the answered request has led to is out.
            await client.PingAsync();
            await client.PingAsync();
            await client.OpenAsync(stream + 2, "/hello");
            return (await client.ReadResponseAsync(stream + 2)).Ok;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
