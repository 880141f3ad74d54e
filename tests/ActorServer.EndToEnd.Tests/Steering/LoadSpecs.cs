using System.Net;
using ActorServer.Core;
using ActorServer.DrainLab;
using ActorServer.EndToEnd.Tests.Goodbyes;
using ActorServer.EndToEnd.Tests.Races;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ActorServer.EndToEnd.Tests.Steering;

/// <summary>Ports that close and open again under clients that never stop asking: no request is lost by it.</summary>
public sealed class LoadSpecs
{
    private const int Clients = 6;
    private const int Rounds = 6;
    private const int AnswersBetween = 50;

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [Trait("Conformance", "101")]
    public async Task Suspend_and_resume_lose_nothing(int requestsPerConnection)
    {
        await using var server = await StartAsync();
        using var clients = await ReturningClients.StartAsync(EndPoint(server), Clients, requestsPerConnection);

        for (var i = 0; i < Rounds; i++)
        {
            await server.Server.SuspendAsync();
            if (i % 2 == 0)
            {
                // Every other time the ports are called back while they are still closing.
                await server.PortsClosedAsync();
            }

            await server.Server.ResumeAsync();
            await clients.AnsweredAsync(AnswersBetween);
        }

        Assert.Empty(await clients.EndAsync());
    }

    [Fact]
    [Trait("Conformance", "82")]
    public async Task Drain_and_resume_lose_nothing_of_those_that_come()
    {
        await using var server = await StartAsync();
        // One request a connection: it is open from its accept to its answer, and never idle.
        using var clients = await ReturningClients.StartAsync(EndPoint(server), Clients, requests: 1);

        for (var i = 0; i < Rounds; i++)
        {
            var drain = await server.Server.BeginDrainAsync(SocketApplication.Waiting);
            if (i % 2 == 0)
            {
                await server.Server.WhenDrained.WaitAsync(SocketApplication.WaitMax);
            }

            var status = await server.Server.ResumeAsync();
            Assert.Equal((drain.Id, 0), (status.Drain!.Id, status.Drain.Aborted));
            await clients.AnsweredAsync(AnswersBetween);
        }

        Assert.Empty(await clients.EndAsync());
    }

    private static IPEndPoint EndPoint(StartedServer server) => new(IPAddress.Loopback, server.Address.Port);

    private static Task<StartedServer> StartAsync() => TestApplication.StartAsync(
        map: static app => app.MapPost("/echo", static async (HttpContext context) =>
        {
            var body = await new StreamReader(context.Request.Body).ReadToEndAsync();
            // With its length, the answer is one segment.
            context.Response.ContentLength = body.Length;
            await context.Response.WriteAsync(body);
        }),
        // Not one that the system gives to whoever connects: it would be taken, by any process, while it is closed.
        configure: TestApplication.Kestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, Ports.Free())),
        // A connection has time to ask.
        drain: static d => d.SilentGrace = TimeSpan.FromSeconds(5));
}
