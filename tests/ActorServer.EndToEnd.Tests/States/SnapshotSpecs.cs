using System.Text;
using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using static ActorServer.Core.ConnectionState;

namespace ActorServer.EndToEnd.Tests;

/// <summary>What is known of a connection while it lives, and afterwards.</summary>
public sealed class SnapshotSpecs
{
    [Fact]
    public async Task The_identity_is_the_applications_own_and_names_the_node()
    {
        await using var server = await TestApplication.StartAsync(
            map: app => app.MapGet("/id", (HttpContext context) => context.Connection.Id));
        await using var client = await RawClient.ConnectAsync(server.Address);

        var id = (await client.GetAsync("/id")).Body;

        var connection = await server.ConnectionAsync($"{server.Server.Node}-{id}");
        Assert.Equal(server.Server.Node, connection.Node);
    }

    [Fact]
    public async Task The_ends_and_the_protocol_are_named()
    {
        await using var server = await TestApplication.StartAsync();
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.GetAsync("/hello");
        var id = Assert.Single(await server.Transitions.ReachAsync(Idle));

        var connection = await server.ConnectionAsync(id);

        Assert.Equal(client.LocalEnd, connection.Peer);
        Assert.Equal($"127.0.0.1:{server.Address.Port}", connection.Local);
        Assert.Equal(("HTTP/1.1", false, false), (connection.Protocol, connection.Tls, connection.Draining));
        Assert.Null(connection.EndReason);
    }

    [Fact]
    public async Task A_request_in_flight_is_named_without_its_query()
    {
        Held held = new();
        await using var server = await TestApplication.StartAsync(held);
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendGetAsync("/held?token=secret");
        await held.EnteredAsync();
        var id = Assert.Single(await server.Transitions.ReachAsync(Active));

        var during = await server.ConnectionAsync(id);
        held.Release();
        await client.ReadResponseAsync();
        await server.Transitions.ReachAsync(Idle);
        var after = await server.ConnectionAsync(id);

        var request = Assert.Single(during.CurrentRequests);
        Assert.Equal(("GET", "/held"), (request.Method, request.Path));
        Assert.InRange(request.Since, during.AcceptedAt, during.StateSince);
        Assert.Equal((1, 0L), (during.InFlight, during.Requests));
        Assert.Empty(after.CurrentRequests);
        Assert.Equal((0, 1L), (after.InFlight, after.Requests));
    }

    [Fact]
    public async Task The_timeline_is_that_of_the_transitions_to_the_tick()
    {
        await using var server = await TestApplication.StartAsync();
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.GetAsync("/hello");
        await client.GetAsync("/hello", "Connection: close\r\n");

        var end = await server.EndOfTheOnlyConnectionAsync(New, Active, Idle, Active, Closed);

        Assert.Equal(server.Transitions.Connections.Select(c => (c.To, c.At)), end.Timeline.Select(t => (t.State, t.At)));
        Assert.Equal(end.Timeline.OrderBy(t => t.At), end.Timeline);
        Assert.Equal((end.AcceptedAt, end.StateSince), (end.Timeline[0].At, end.Timeline[^1].At));
    }

    [Fact]
    public async Task The_timeline_keeps_the_last_transitions()
    {
        await using var server = await TestApplication.StartAsync();
        await using var client = await RawClient.ConnectAsync(server.Address);
        for (var i = 0; i < 20; i++)
        {
            await client.GetAsync("/hello");
        }

        var id = (await server.Transitions.ReachAsync(New))[0];
        await server.Transitions.ReachAsync(id, Idle, times: 20);

        var timeline = (await server.ConnectionAsync(id)).Timeline;
        Assert.Equal([Idle, Active, Idle, Active, Idle, Active, Idle], timeline.Select(t => t.State));
    }

    [Theory]
    [InlineData("/hello")]
    [InlineData("/large")]
    [InlineData("/chunked")]
    public async Task The_bytes_sent_are_those_on_the_wire(string path)
    {
        await using var server = await TestApplication.StartAsync(map: app =>
        {
            app.MapGet("/large", () => new string('x', 200_000));
            app.MapGet("/chunked", async (HttpResponse response) =>
            {
                for (var i = 0; i < 10; i++)
                {
                    await response.WriteAsync(new string('x', 1000));
                    await response.Body.FlushAsync();
                }
            });
        });
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendGetAsync(path, "Connection: close\r\n");

        var received = Encoding.Latin1.GetByteCount(await client.ReadToEndAsync());

        Assert.Equal(received, (await server.EndOfTheOnlyConnectionAsync(New, Active, Closed)).BytesSent);
    }

    [Fact]
    public async Task The_totals_count_every_connection_and_request_once()
    {
        await using var server = await TestApplication.StartAsync();
        await using var living = await RawClient.ConnectAsync(server.Address);
        await living.GetAsync("/hello");
        for (var i = 0; i < 5; i++)
        {
            await using var client = await RawClient.ConnectAsync(server.Address);
            await client.GetAsync("/hello");
            await client.GetAsync("/nowhere", "Connection: close\r\n");
        }

        await server.Transitions.ReachAsync(Closed, 5);
        await server.Transitions.ReachAsync(Idle, 6);
        var status = await server.Server.StatusAsync();

        Assert.Equal(new NodeTotals(Accepted: 6, Closed: 5, Rejected: 0, Aborted: 0, Requests: 11), status.Totals);
        Assert.Equal(new ConnectionCounts(New: 0, Active: 0, Idle: 1, Upgraded: 0), status.Connections);
    }
}
