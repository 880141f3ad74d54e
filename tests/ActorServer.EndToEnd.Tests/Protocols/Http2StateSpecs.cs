using System.Net;
using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using static ActorServer.Core.ConnectionState;

namespace ActorServer.EndToEnd.Tests;

/// <summary>One HTTP/2 connection is active while any of its streams is.</summary>
public sealed class Http2StateSpecs
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Conformance", "9")]
    public async Task Three_streams_at_a_time_are_one_change_to_Active_and_one_to_Idle(bool tls)
    {
        Held held = new();
        await using var server = await TestApplication.StartAsync(held, configure: TestApplication.ListenHttp2(tls));
        using var client = TestApplication.Http2(server.Address);
        var responses = Enumerable.Range(0, 3).Select(_ => client.GetStringAsync("/held")).ToList();
        await held.EnteredAsync(3);
        var id = Assert.Single(await server.Transitions.ReachAsync(Active));

        var during = await server.ConnectionAsync(id);
        held.Release();

        Assert.Equal(["held", "held", "held"], await Task.WhenAll(responses));
        await server.Transitions.ReachAsync(id, Idle);
        await client.GetStringAsync("/hello");
        await server.Transitions.ReachAsync(id, Idle, times: 2);
        client.Dispose();
        var end = await server.EndOfTheOnlyConnectionAsync(New, Active, Idle, Active, Idle, Closed);
        Assert.Equal((Active, 3, 3), (during.State, during.InFlight, during.CurrentRequests.Count));
        Assert.All(during.CurrentRequests, r => Assert.Equal(("GET", "/held"), (r.Method, r.Path)));
        Assert.Equal(("HTTP/2", tls, 4L), (end.Protocol, end.Tls, end.Requests));
        Assert.Equal(EndReason.ClientClosed, end.EndReason);
    }

    [Fact]
    public async Task A_stream_that_ends_while_another_goes_on_changes_nothing()
    {
        Held held = new();
        await using var server = await TestApplication.StartAsync(held, configure: TestApplication.ListenHttp2(tls: false));
        using var client = TestApplication.Http2(server.Address);
        var slow = client.GetStringAsync("/held");
        await held.EnteredAsync();

        for (var i = 0; i < 10; i++)
        {
            await client.GetStringAsync("/hello");
        }

        held.Release();
        await slow;
        var id = Assert.Single(await server.Transitions.ReachAsync(Idle));
        Assert.Equal([New, Active, Idle], server.Transitions.States(id));
        Assert.Equal(11, (await server.ConnectionAsync(id)).Requests);
    }

    // On the server's threads the end of one stream and the start of the next overtake each other as they like.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Streams_that_end_and_start_at_once_leave_the_right_state(bool tls)
    {
        const int workers = 2;
        const int requests = 1000;
        await using var server = await TestApplication.StartAsync(configure: TestApplication.ListenHttp2(tls));
        using var client = TestApplication.Http2(server.Address);
        await client.GetStringAsync("/hello");
        var id = Assert.Single(await server.Transitions.ReachAsync(New));

        await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < requests; i++)
            {
                await client.GetStringAsync("/hello");
            }
        })));

        client.Dispose();
        await server.Transitions.ReachAsync(id, Closed);
        var states = server.Transitions.States(id);
        Assert.Equal(New, states[0]);
        Assert.Equal([Idle, Closed], states.TakeLast(2));
        Assert.All(states.Skip(1).SkipLast(1).Select((s, i) => (State: s, i)), s => Assert.Equal(s.i % 2 == 0 ? Active : Idle, s.State));
        Assert.Equal((workers * requests) + 1, (await server.ConnectionAsync(id)).Requests);
    }

    [Fact]
    [Trait("Conformance", "56")]
    public async Task A_client_that_goes_without_GOAWAY()
    {
        await using var server = await TestApplication.StartAsync(configure: TestApplication.ListenHttp2(tls: false));
        await using var client = await Http2Client.ConnectAsync(server.Address);
        await client.OpenAsync(1, "/hello");
        Assert.Equal((true, "hello"), await client.ReadResponseAsync(1));
        await server.Transitions.ReachAsync(Idle);

        client.ShutdownSend();

        var end = await server.EndOfTheOnlyConnectionAsync(New, Active, Idle, Closed);
        Assert.Equal(EndReason.ClientClosed, end.EndReason);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_is_lost_with_streams_in_flight(bool tls)
    {
        Held held = new();
        await using var server = await TestApplication.StartAsync(held, configure: TestApplication.ListenHttp2(tls));
        await using var client = await Http2Client.ConnectAsync(server.Address);
        await client.OpenAsync(1, "/held");
        await client.OpenAsync(3, "/held");
        await held.EnteredAsync(2);

        client.Reset();

        var end = await server.EndOfTheOnlyConnectionAsync(New, Active, Closed);
        Assert.Equal((EndReason.ClientClosed, 0L), (end.EndReason, end.Requests));
    }

    [Fact]
    public async Task An_application_that_aborts_a_stream_keeps_the_connection()
    {
        await using var server = await TestApplication.StartAsync(
            map: app => app.MapGet("/abort", (HttpContext context) => context.Abort()),
            configure: TestApplication.ListenHttp2(tls: false));
        await using var client = await Http2Client.ConnectAsync(server.Address);
        await client.OpenAsync(1, "/abort");
        await client.ReadUntilAsync(f => f.Type == Http2FrameType.ResetStream);
        await server.Transitions.ReachAsync(Idle);

        await client.OpenAsync(3, "/hello");

        Assert.Equal((true, "hello"), await client.ReadResponseAsync(3));
        var id = Assert.Single(await server.Transitions.ReachAsync(New));
        await server.Transitions.ExpectAsync(id, New, Active, Idle, Active, Idle);
    }
}
