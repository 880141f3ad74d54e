using System.Net;
using System.Net.WebSockets;
using ActorServer.Actors;
using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using static ActorServer.Core.ConnectionState;

namespace ActorServer.EndToEnd.Tests.Limits;

/// <summary>A connection ends after so many requests, and loses none.</summary>
public sealed class MaxRequestsSpecs
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_last_request_is_answered_and_its_answer_says_so(bool tls)
    {
        await using var server = await TestApplication.StartAsync(
            configure: TestApplication.Listen(tls) + LimitSetup.Limit(l => l.MaxRequestsPerConnection = 3));
        await using var client = await RawClient.ConnectAsync(server.Address);

        List<bool> announced = [];
        for (var i = 0; i < 3; i++)
        {
            announced.Add((await client.GetAsync("/hello")).AnnouncesClose);
        }

        Assert.Equal([false, false, true], announced);
        Assert.Equal(RawEnd.Closed, await client.ReadEndAsync());
        var end = await server.EndOfTheOnlyConnectionAsync(New, Active, Idle, Active, Idle, Active, Closed);
        Assert.Equal((EndReason.Completed, 3L), (end.EndReason, end.Requests));
    }

    [Fact]
    public async Task Over_HTTP2_it_is_GOAWAY_and_every_request_is_answered()
    {
        await using var server = await TestApplication.StartAsync(
            configure: TestApplication.ListenHttp2(tls: false) + LimitSetup.Limit(l => l.MaxRequestsPerConnection = 10));
        using var client = TestApplication.Http2(server.Address);

        for (var round = 0; round < 20; round++)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => client.GetStringAsync("/hello"))).WaitAsync(WaitMax);
            Assert.All(answers, a => Assert.Equal("hello", a));
        }

        var totals = (await server.Server.StatusAsync()).Totals;
        Assert.Equal(100, totals.Requests);
        // A client that has not heard yet sends a few more.
        Assert.InRange(totals.Accepted, 5, 11);
    }

    [Fact]
    public async Task A_long_last_answer_is_not_told_to_end()
    {
        Held held = new();
        var told = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await TestApplication.StartAsync(
            map: app => app.MapGet("/long", async (HttpContext context) =>
            {
                await held.WaitAsync();
                told.SetResult(context.DrainToken().IsCancellationRequested);
                return "long";
            }),
            configure: LimitSetup.Limit(l => l.MaxRequestsPerConnection = 1));
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendGetAsync("/long");
        await held.EnteredAsync();

        held.Release();

        var response = await client.ReadResponseAsync();
        Assert.Equal(("long", true), (response.Body, response.AnnouncesClose));
        Assert.False(await told.Task);
    }

    [Fact]
    public async Task A_WebSocket_that_is_the_last_request_lives_on()
    {
        await using var server = await TestApplication.StartAsync(
            map: app =>
            {
                app.UseWebSockets();
                app.Map("/ws", async (HttpContext context) =>
                {
                    using var socket = await context.WebSockets.AcceptWebSocketAsync();
                    var buffer = new byte[16];
                    while (await socket.ReceiveAsync(buffer, default) is { MessageType: not WebSocketMessageType.Close } read)
                    {
                        await socket.SendAsync(buffer.AsMemory(0, read.Count), read.MessageType, read.EndOfMessage, default);
                    }

                    await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", default);
                });
            },
            configure: LimitSetup.Limit(l => l.MaxRequestsPerConnection = 1));
        using ClientWebSocket client = new();
        using CancellationTokenSource patience = new(WaitMax);
        await client.ConnectAsync(new UriBuilder(server.Address) { Scheme = "ws", Path = "/ws" }.Uri, patience.Token);

        for (var i = 0; i < 3; i++)
        {
            await client.SendAsync("hi"u8.ToArray(), WebSocketMessageType.Text, true, patience.Token);
            Assert.Equal(2, (await client.ReceiveAsync(new byte[16], patience.Token)).Count);
        }

        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "", patience.Token);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, client.CloseStatus);
    }

    [Fact]
    [Trait("Conformance", "95")]
    public async Task A_limit_that_is_set_while_the_node_runs_holds_from_the_next_request_on()
    {
        await using var server = await TestApplication.StartAsync();
        await using var client = await RawClient.ConnectAsync(server.Address);
        for (var i = 0; i < 5; i++)
        {
            Assert.False((await client.GetAsync("/hello")).AnnouncesClose);
        }

        server.Server.ChangeLimits(server.Server.Limits with { MaxRequestsPerConnection = 2 }, "a test");

        Assert.True((await client.GetAsync("/hello")).AnnouncesClose);
    }
}
