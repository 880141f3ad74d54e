using ActorServer.Core;
using ActorServer.TestKit;
using static ActorServer.Core.ConnectionState;

namespace ActorServer.EndToEnd.Tests;

/// <summary>The states of a connection that carries plain requests, each time in full: nothing before, between or after.</summary>
public sealed class RequestSequenceSpecs
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Conformance", "1")]
    public async Task Two_requests_of_which_the_second_asks_for_the_close(bool tls)
    {
        await using var server = await TestApplication.StartAsync(configure: TestApplication.Listen(tls));
        await using var client = await RawClient.ConnectAsync(server.Address);

        var first = await client.GetAsync("/hello");
        var second = await client.GetAsync("/hello", "Connection: close\r\n");

        Assert.Equal((200, "hello", false), (first.Status, first.Body, first.AnnouncesClose));
        Assert.Equal((200, "hello", true), (second.Status, second.Body, second.AnnouncesClose));
        Assert.Equal(RawEnd.Closed, await client.ReadEndAsync());
        var end = await server.EndOfTheOnlyConnectionAsync(New, Active, Idle, Active, Closed);
        Assert.Equal((EndReason.Completed, 2L, tls), (end.EndReason, end.Requests, end.Tls));
    }

    [Theory]
    [InlineData("Connection: close\r\n")]
    [InlineData("Connection: Close, TE\r\n")]
    [Trait("Conformance", "2")]
    public async Task A_client_that_asks_for_the_close_in_its_first_request(string header)
    {
        await using var server = await TestApplication.StartAsync();
        await using var client = await RawClient.ConnectAsync(server.Address);

        var response = await client.GetAsync("/hello", header);

        Assert.True(response.AnnouncesClose);
        Assert.Equal(RawEnd.Closed, await client.ReadEndAsync());
        var end = await server.EndOfTheOnlyConnectionAsync(New, Active, Closed);
        Assert.Equal(EndReason.Completed, end.EndReason);
    }

    [Fact]
    public async Task A_client_that_speaks_HTTP_1_0()
    {
        await using var server = await TestApplication.StartAsync();
        await using var client = await RawClient.ConnectAsync(server.Address);

        await client.SendAsync("GET /hello HTTP/1.0\r\n\r\n");

        Assert.EndsWith("hello", await client.ReadToEndAsync(), StringComparison.Ordinal);
        var end = await server.EndOfTheOnlyConnectionAsync(New, Active, Closed);
        Assert.Equal(("HTTP/1.0", EndReason.Completed), (end.Protocol, end.EndReason));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Conformance", "5")]
    public async Task A_connection_that_never_says_a_word(bool tls)
    {
        await using var server = await TestApplication.StartAsync(configure: TestApplication.Listen(tls));
        var port = new Uri($"http://127.0.0.1:{server.Address.Port}");
        await using (await RawClient.ConnectAsync(port))
        {
            await server.Transitions.ReachAsync(New);
        }

        var end = await server.EndOfTheOnlyConnectionAsync(New, Closed);
        Assert.Equal((EndReason.ClientClosed, 0L, tls), (end.EndReason, end.Requests, end.Tls));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Conformance", "7")]
    public async Task A_client_that_goes_after_its_first_response(bool tls)
    {
        await using var server = await TestApplication.StartAsync(configure: TestApplication.Listen(tls));
        await using (var client = await RawClient.ConnectAsync(server.Address))
        {
            await client.GetAsync("/hello");
            await server.Transitions.ReachAsync(Idle);
        }

        var end = await server.EndOfTheOnlyConnectionAsync(New, Active, Idle, Closed);
        Assert.Equal((EndReason.ClientClosed, 1L), (end.EndReason, end.Requests));
    }

    [Fact]
    [Trait("Conformance", "8")]
    public async Task A_connection_is_New_before_anything_is_read_from_it()
    {
        await using var server = await TestApplication.StartAsync();
        await using var client = await RawClient.ConnectAsync(server.Address);

        var id = Assert.Single(await server.Transitions.ReachAsync(New));

        var connection = await server.Server.Connection(id).GetAsync();
        Assert.Equal((New, client.LocalEnd, 0L), (connection!.State, connection.Peer, connection.BytesSent));
        Assert.Null(connection.Protocol);
    }

    [Fact]
    public async Task Half_a_request_does_not_make_a_connection_Active()
    {
        await using var server = await TestApplication.StartAsync();
        await using var client = await RawClient.ConnectAsync(server.Address);

        await client.SendAsync("GET /hello HTTP/1.1\r\nHost: loc");
        await using (var other = await RawClient.ConnectAsync(server.Address))
        {
            await other.GetAsync("/hello");
        }

        await server.Transitions.ReachAsync(Closed);
        Assert.Equal(1, (await server.Server.StatusAsync()).Connections.New);
        await client.SendAsync("alhost\r\n\r\n");
        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task Pipelined_requests_are_one_after_the_other()
    {
        await using var server = await TestApplication.StartAsync();
        await using var client = await RawClient.ConnectAsync(server.Address);
        const string get = "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n";

        await client.SendAsync(get + get + get.Replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n", StringComparison.Ordinal));

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("hello", (await client.ReadResponseAsync()).Body);
        }

        var end = await server.EndOfTheOnlyConnectionAsync(New, Active, Idle, Active, Idle, Active, Closed);
        Assert.Equal((EndReason.Completed, 3L), (end.EndReason, end.Requests));
    }
}
