using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using static ActorServer.Core.ConnectionState;

namespace ActorServer.EndToEnd.Tests;

/// <summary>Requests whose bodies are on their way when a drain begins.</summary>
public sealed class BodySpecs
{
    private static readonly DrainRequest Patient = new(DrainTrigger.Code, Budget: Duration.Infinite);

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task The_rest_of_a_body_arrives_and_is_answered_with_the_close(bool chunked, bool tls)
    {
        await using var server = await StartAsync(out var begun, tls);
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendAsync("POST /upload HTTP/1.1\r\nHost: localhost\r\n");
        await client.SendAsync(chunked ? "Transfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n" : "Content-Length: 11\r\n\r\nfirst");
        await begun.EnteredAsync();

        var drained = await server.DrainPastPortsAsync(Patient);
        await client.SendAsync(chunked ? "6\r\n, last\r\n0\r\n\r\n" : ", last");

        var response = await client.ReadResponseAsync();
        Assert.Equal((200, "first, last", true), (response.Status, response.Body, response.AnnouncesClose));
        Assert.Equal("", await client.ReadToEndAsync());
        Assert.Equal((1, 0), ((await drained).Completed, (await drained).Aborted));
        await server.EndOfTheOnlyConnectionAsync(New, Active, Closed);
    }

    [Fact]
    public async Task A_client_that_waits_to_be_told_to_go_on_is_told_so()
    {
        await using var server = await StartAsync(out _, tls: false, idleGrace: TimeSpan.FromMinutes(1));
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.GetAsync("/hello");
        await server.Transitions.ReachAsync(Idle);
        var drained = await server.DrainPastPortsAsync(Patient);

        await client.SendAsync("POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
        Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", await client.ReadUntilAsync("\r\n\r\n"));
        await client.SendAsync("hello");

        var response = await client.ReadResponseAsync();
        Assert.Equal((200, "hello", true), (response.Status, response.Body, response.AnnouncesClose));
        Assert.Equal(0, (await drained).Aborted);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_answer_that_does_not_wait_for_the_body_arrives_all_the_same(bool tls)
    {
        Held held = new();
        await using var server = await TestApplication.StartAsync(
            map: app => app.MapPost("/early", async () =>
            {
                await held.WaitAsync();
                return "enough";
            }),
            configure: TestApplication.Listen(tls));
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendAsync("POST /early HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhello");
        await held.EnteredAsync();

        var drained = await server.DrainPastPortsAsync(Patient);
        held.Release();
        var response = await client.ReadResponseAsync();
        await client.SendAsync("hello");

        Assert.Equal(("enough", true), (response.Body, response.AnnouncesClose));
        Assert.False((await drained).HasAborted);
    }

    [Fact]
    public async Task Half_a_request_line_in_a_drain_is_answered_when_it_is_whole()
    {
        await using var server = await TestApplication.StartAsync();
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendAsync("GET /hello HT");
        await server.Transitions.ReachAsync(New);

        var drained = await server.DrainPastPortsAsync(Patient);
        await client.SendAsync("TP/1.1\r\nHost: localhost\r\n\r\n");

        var response = await client.ReadResponseAsync();
        Assert.Equal((200, "hello", true), (response.Status, response.Body, response.AnnouncesClose));
        Assert.Equal((1, 1), ((await drained).Completed, (await drained).Closed));
    }

    private static Task<StartedServer> StartAsync(out Held begun, bool tls, TimeSpan idleGrace = default)
    {
        var entered = begun = new();
        entered.Release();
        return TestApplication.StartAsync(
            map: app => app.MapPost("/upload", async (HttpRequest request) =>
            {
                await entered.WaitAsync();
                return await new StreamReader(request.Body).ReadToEndAsync();
            }),
            configure: TestApplication.Listen(tls),
            drain: d => d.IdleGrace = idleGrace);
    }
}
