using System.Net;
using ActorServer.Core;
using ActorServer.EndToEnd.Tests.Steering;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ActorServer.EndToEnd.Tests.Limits;

/// <summary>Limits that end connections under clients that never rest: no request is lost.</summary>
public sealed class LoadSpecs
{
    private const int Clients = 16;
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task No_request_is_lost_to_a_limit_of_requests()
    {
        await using var server = await StartAsync(l => l.MaxRequestsPerConnection = 10);
        using var clients = await ReturningClients.StartAsync(EndPoint(server), Clients, int.MaxValue);

        await clients.AnsweredAsync(more: 5000);

        Assert.Empty(await clients.EndAsync());
        var totals = (await server.Server.StatusAsync()).Totals;
        Assert.InRange(totals.Accepted, totals.Requests / 10, (totals.Requests / 10) + Clients);
    }

    [Fact]
    [Trait("Conformance", "92")]
    public async Task No_request_is_lost_to_an_age()
    {
        await using var server = await StartAsync(l => l.MaxConnectionAge = TimeSpan.FromSeconds(1));
        using var clients = await ReturningClients.StartAsync(EndPoint(server), Clients, int.MaxValue);

        // Everybody has come back twice.
        while ((await server.Server.StatusAsync()).Totals.Accepted < 3 * Clients)
        {
            await clients.AnsweredAsync(more: 500);
        }

        Assert.Empty(await clients.EndAsync());
        Assert.Equal(0, (await server.Server.StatusAsync()).Totals.Aborted);
    }

    [Fact]
    [Trait("Conformance", "99")]
    public async Task No_request_is_lost_to_a_drain_of_a_full_node_whose_connections_end_by_themselves()
    {
        await using var server = await StartAsync(l => (l.MaxConnections, l.MaxRequestsPerConnection) = (Clients / 2, 10));
        using var clients = await ReturningClients.StartAsync(EndPoint(server), Clients, int.MaxValue);
        await clients.AnsweredAsync(more: 1000);

        var report = await server.Server.DrainAsync(new(DrainTrigger.Code)).WaitAsync(WaitMax);

        Assert.Empty(await clients.EndAsync());
        Assert.Equal((0, 0), (report.Aborted, report.Remaining));
    }

    private static Task<StartedServer> StartAsync(Action<LimitOptions> limit)
        => TestApplication.StartAsync(
            map: static app => app.MapPost("/echo", static async (HttpContext context) =>
            {
                using StreamReader reader = new(context.Request.Body);
                var body = await reader.ReadToEndAsync(context.RequestAborted);
                // With its length, the answer is one segment.
                context.Response.ContentLength = body.Length;
                await context.Response.WriteAsync(body);
            }),
            configure: LimitSetup.Limit(limit),
            // A connection has time to ask.
            drain: static d => (d.LameDuck, d.SilentGrace) = (TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(5)));

    private static IPEndPoint EndPoint(StartedServer server) => new(IPAddress.Parse(server.Address.Host), server.Address.Port);
}
