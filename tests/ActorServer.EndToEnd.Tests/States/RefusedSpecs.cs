using System.Net;
using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using static ActorServer.Core.ConnectionState;

namespace ActorServer.EndToEnd.Tests;

/// <summary>Requests that Kestrel refuses by itself: the application never hears of them, the connection's states tell.</summary>
public sealed class RefusedSpecs
{
    [Theory]
    [InlineData("bogus\r\n\r\n", 400)]
    [InlineData("GET /hello HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET /hello HTTP/1.1\r\nHost: localhost\r\nContent-Length: a lot\r\n\r\n", 400)]
    [InlineData("GET /hello HTTP/2.5\r\nHost: localhost\r\n\r\n", 505)]
    [Trait("Conformance", "6")]
    public async Task A_request_that_is_refused_is_Active_and_then_Closed(string request, int status)
    {
        await using var server = await TestApplication.StartAsync();
        await using var client = await RawClient.ConnectAsync(server.Address);

        await client.SendAsync(request);

        await ExpectRefusalAsync(server, client, status, New, Active, Closed);
    }

    [Fact]
    [Trait("Conformance", "6")]
    public async Task Headers_that_are_too_large_are_refused_with_431()
    {
        await using var server = await TestApplication.StartAsync(
            configure: TestApplication.Kestrel(k => k.Limits.MaxRequestHeadersTotalSize = 1024));
        await using var client = await RawClient.ConnectAsync(server.Address);

        await client.SendGetAsync("/hello", $"X-Filler: {new string('x', 2048)}\r\n");

        await ExpectRefusalAsync(server, client, 431, New, Active, Closed);
    }

    [Fact]
    [Trait("Conformance", "6")]
    public async Task Headers_that_take_too_long_are_refused_with_408()
    {
        await using var server = await TestApplication.StartAsync(
            configure: TestApplication.Kestrel(k => k.Limits.RequestHeadersTimeout = TimeSpan.FromMilliseconds(200)));
        await using var client = await RawClient.ConnectAsync(server.Address);

        await client.SendAsync("GET /hello HTTP/1.1\r\n");

        await ExpectRefusalAsync(server, client, 408, New, Active, Closed);
    }

    [Fact]
    [Trait("Conformance", "6")]
    public async Task A_refused_request_after_good_ones_ends_the_connection_the_same_way()
    {
        await using var server = await TestApplication.StartAsync();
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.GetAsync("/hello");
        await server.Transitions.ReachAsync(Idle);

        await client.SendAsync("bogus\r\n\r\n");

        await ExpectRefusalAsync(server, client, 400, New, Active, Idle, Active, Closed);
    }

    // The application comes upon it while it reads: it has seen the request, so that counts, and Kestrel answers all the same.
    [Theory]
    [InlineData("Content-Length: 100\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n64\r\n")]
    [Trait("Conformance", "6")]
    public async Task A_body_that_is_too_large_is_answered_with_413_and_the_close(string rest)
    {
        await using var server = await TestApplication.StartAsync(
            map: app => app.MapPost("/upload", async (HttpRequest request) => await request.Body.CopyToAsync(Stream.Null)),
            configure: TestApplication.Kestrel(k => k.Limits.MaxRequestBodySize = 10));
        await using var client = await RawClient.ConnectAsync(server.Address);

        await client.SendAsync($"POST /upload HTTP/1.1\r\nHost: localhost\r\n{rest}{new string('x', 50)}");

        var response = await client.ReadResponseAsync();
        Assert.Equal((413, true), (response.Status, response.AnnouncesClose));
        var end = await server.EndOfTheOnlyConnectionAsync(New, Active, Closed);
        Assert.Equal((EndReason.Refused, 1L), (end.EndReason, end.Requests));
    }

    [Fact]
    public async Task A_body_that_is_malformed_is_a_request_answered_with_400()
    {
        await using var server = await TestApplication.StartAsync(
            map: app => app.MapPost("/upload", async (HttpRequest request) => await request.Body.CopyToAsync(Stream.Null)));
        await using var client = await RawClient.ConnectAsync(server.Address);

        await client.SendAsync("POST /upload HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n");

        Assert.Equal(400, (await client.ReadResponseAsync()).Status);
        var end = await server.EndOfTheOnlyConnectionAsync(New, Active, Closed);
        Assert.Equal((EndReason.Refused, 1L), (end.EndReason, end.Requests));
    }

    private static async Task ExpectRefusalAsync(
        StartedServer server, RawClient client, int status, params ConnectionState[] states)
    {
        var response = await client.ReadResponseAsync();
        Assert.Equal((status, true), (response.Status, response.AnnouncesClose));
        Assert.Equal(RawEnd.Closed, await client.ReadEndAsync());
        var end = await server.EndOfTheOnlyConnectionAsync(states);
        Assert.Equal(EndReason.Refused, end.EndReason);
        Assert.Equal(states.Count(s => s == Idle), end.Requests);
    }
}
