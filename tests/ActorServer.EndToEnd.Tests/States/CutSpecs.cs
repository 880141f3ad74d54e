using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using static ActorServer.Core.ConnectionState;

namespace ActorServer.EndToEnd.Tests;

/// <summary>Connections that end before their time: by an exception, by the application, by a client that goes or is lost.</summary>
public sealed class CutSpecs
{
    [Fact]
    public async Task An_exception_before_the_response_is_a_500_that_keeps_the_connection()
    {
        await using var server = await TestApplication.StartAsync(map: app => app.MapGet("/panic", Panic));
        await using var client = await RawClient.ConnectAsync(server.Address);

        var failure = await client.GetAsync("/panic");
        var success = await client.GetAsync("/hello", "Connection: close\r\n");

        Assert.Equal((500, false), (failure.Status, failure.AnnouncesClose));
        Assert.Equal(200, success.Status);
        var end = await server.EndOfTheOnlyConnectionAsync(New, Active, Idle, Active, Closed);
        Assert.Equal((EndReason.Completed, 2L), (end.EndReason, end.Requests));

        static string Panic() => throw new InvalidOperationException("Always.");
    }

    [Fact]
    public async Task An_exception_before_the_response_is_a_500_that_may_announce_the_close()
    {
        await using var server = await TestApplication.StartAsync(map: app => app.MapGet("/panic", Panic));
        await using var client = await RawClient.ConnectAsync(server.Address);

        var failure = await client.GetAsync("/panic", "Connection: close\r\n");

        Assert.Equal((500, true), (failure.Status, failure.AnnouncesClose));
        var end = await server.EndOfTheOnlyConnectionAsync(New, Active, Closed);
        Assert.Equal(EndReason.Completed, end.EndReason);
        Assert.Equal(0, (await server.Server.StatusAsync()).Totals.Aborted);

        static string Panic() => throw new InvalidOperationException("Always.");
    }

    [Theory]
    [InlineData(false, "")]
    [InlineData(true, "")]
    [InlineData(false, "Connection: close\r\n")]
    [InlineData(true, "Connection: close\r\n")]
    public async Task An_exception_after_the_response_began_cuts_the_connection(bool withLength, string header)
    {
        await using var server = await TestApplication.StartAsync(map: app => app.MapGet("/late", async (HttpResponse response) =>
        {
            response.ContentLength = withLength ? 100 : null;
            await response.WriteAsync("so far");
            await response.Body.FlushAsync();
            throw new InvalidOperationException("Always.");
        }));
        await using var client = await RawClient.ConnectAsync(server.Address);

        await client.SendGetAsync("/late", header);
        await client.ReadUntilAsync("so far");

        // The client can tell: neither a last chunk nor the length that was said.
        await Assert.ThrowsAnyAsync<IOException>(() => client.ReadUntilAsync("0\r\n\r\n"));
        var end = await server.EndOfTheOnlyConnectionAsync(New, Active, Closed);
        Assert.Equal(EndReason.Failed, end.EndReason);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Connection: close\r\n")]
    public async Task A_response_shorter_than_it_says_cuts_the_connection(string header)
    {
        await using var server = await TestApplication.StartAsync(map: app => app.MapGet("/short", async (HttpResponse response) =>
        {
            response.ContentLength = 100;
            await response.WriteAsync("so far");
        }));
        await using var client = await RawClient.ConnectAsync(server.Address);

        await client.SendGetAsync("/short", header);
        await client.ReadEndAsync();

        var end = await server.EndOfTheOnlyConnectionAsync(New, Active, Closed);
        Assert.Equal(EndReason.Failed, end.EndReason);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_application_that_aborts_cuts_the_connection(bool afterTheResponseBegan)
    {
        await using var server = await TestApplication.StartAsync(map: app => app.MapGet("/abort", async (HttpContext context) =>
        {
            if (afterTheResponseBegan)
            {
                await context.Response.WriteAsync("so far");
                await context.Response.Body.FlushAsync();
            }

            context.Abort();
        }));
        await using var client = await RawClient.ConnectAsync(server.Address);

        await client.SendGetAsync("/abort");

        Assert.Equal(RawEnd.Reset, await client.ReadEndAsync());
        var end = await server.EndOfTheOnlyConnectionAsync(New, Active, Closed);
        Assert.Equal(EndReason.Failed, end.EndReason);
        Assert.Equal(1, (await server.Server.StatusAsync()).Totals.Aborted);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_is_lost_while_New(bool tls)
    {
        await using var server = await TestApplication.StartAsync(configure: TestApplication.Listen(tls));
        await using var client = await RawClient.ConnectAsync(server.Address);
        await server.Transitions.ReachAsync(New);

        client.Reset();

        await ExpectClientClosedAsync(server, New, Closed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_is_lost_while_Idle(bool tls)
    {
        await using var server = await TestApplication.StartAsync(configure: TestApplication.Listen(tls));
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.GetAsync("/hello");
        await server.Transitions.ReachAsync(Idle);

        client.Reset();

        await ExpectClientClosedAsync(server, New, Active, Idle, Closed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_is_lost_while_its_request_is_in_flight(bool tls)
    {
        Held held = new();
        await using var server = await TestApplication.StartAsync(held, configure: TestApplication.Listen(tls));
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendGetAsync("/held");
        await held.EnteredAsync();

        client.Reset();

        await ExpectClientClosedAsync(server, New, Active, Closed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_is_lost_while_it_sends_a_body(bool politely)
    {
        Held begun = new();
        await using var server = await TestApplication.StartAsync(map: app => app.MapPost("/upload", async (HttpRequest request) =>
        {
            await request.Body.ReadExactlyAsync(new byte[5]);
            await begun.WaitAsync();
            await request.Body.CopyToAsync(Stream.Null);
        }));
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendAsync("POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhello");
        await begun.EnteredAsync();

        if (politely)
        {
            client.ShutdownSend();
        }
        else
        {
            client.Reset();
        }

        begun.Release();
        await ExpectClientClosedAsync(server, New, Active, Closed);
    }

    [Fact]
    public async Task A_client_that_ends_its_half_while_New()
    {
        await using var server = await TestApplication.StartAsync();
        await using var client = await RawClient.ConnectAsync(server.Address);

        client.ShutdownSend();

        Assert.Equal(RawEnd.Closed, await client.ReadEndAsync());
        await ExpectClientClosedAsync(server, New, Closed);
    }

    [Fact]
    public async Task A_client_that_ends_its_half_while_Idle()
    {
        await using var server = await TestApplication.StartAsync();
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.GetAsync("/hello");
        await server.Transitions.ReachAsync(Idle);

        client.ShutdownSend();

        Assert.Equal(RawEnd.Closed, await client.ReadEndAsync());
        await ExpectClientClosedAsync(server, New, Active, Idle, Closed);
    }

    // Kestrel takes the end of the client's half for the client's end: the handler is told, and the response is not sent.
    [Fact]
    public async Task A_client_that_ends_its_half_while_its_request_is_in_flight()
    {
        Held held = new();
        await using var server = await TestApplication.StartAsync(held);
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendGetAsync("/held");
        await held.EnteredAsync();

        client.ShutdownSend();

        Assert.Equal("", await client.ReadToEndAsync());
        await ExpectClientClosedAsync(server, New, Active, Closed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_goes_with_its_whole_answer_has_been_answered(bool tls)
    {
        await using var server = await TestApplication.StartAsync(
            map: static app => app.MapGet("/answered", static async (HttpContext context) =>
            {
                context.Response.ContentLength = 9;
                await context.Response.WriteAsync("all of it");
                // For the client it is over; here it is when the client has gone.
                TaskCompletionSource gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
                await using var word = context.RequestAborted.Register(gone.SetResult);
                await gone.Task;
            }),
            configure: TestApplication.Listen(tls));
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendGetAsync("/answered");
        Assert.Equal("all of it", (await client.ReadResponseAsync()).Body);

        await client.DisposeAsync();

        var end = await server.EndOfTheOnlyConnectionAsync(New, Active, Idle, Closed);
        Assert.Equal((1L, EndReason.ClientClosed), (end.Requests, end.EndReason));
        Assert.Equal(1, (await server.Server.StatusAsync()).Totals.Requests);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task A_client_that_goes_before_a_body_smaller_than_its_headers_has_not_been_answered(bool tls, bool completes)
    {
        await using var server = await TestApplication.StartAsync(
            map: app => app.MapGet("/unanswered", async (HttpContext context) =>
            {
                context.Response.ContentLength = 9;
                await context.Response.Body.FlushAsync();
                TaskCompletionSource gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
                await using var word = context.RequestAborted.Register(gone.SetResult);
                await gone.Task;
                await context.Response.WriteAsync("all of it", CancellationToken.None);
                if (completes)
                {
                    await context.Response.CompleteAsync();
                }
            }),
            configure: TestApplication.Listen(tls));
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendGetAsync("/unanswered");
        await client.ReadUntilAsync("\r\n\r\n");

        await client.DisposeAsync();

        await ExpectClientClosedAsync(server, New, Active, Closed);
        Assert.Equal(0, (await server.Server.StatusAsync()).Totals.Requests);
    }

    [Theory]
    [InlineData("GET", 204)]
    [InlineData("HEAD", 200)]
    public async Task A_client_that_goes_with_an_answer_of_headers_alone_has_been_answered(string method, int status)
    {
        await using var server = await TestApplication.StartAsync(
            map: app => app.MapMethods("/headers", [method], async (HttpContext context) =>
            {
                (context.Response.StatusCode, context.Response.ContentLength) = (status, status == 204 ? null : 9);
                await context.Response.Body.FlushAsync();
                TaskCompletionSource gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
                await using var word = context.RequestAborted.Register(gone.SetResult);
                await gone.Task;
            }));
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendAsync($"{method} /headers HTTP/1.1\r\nHost: localhost\r\n\r\n");
        await client.ReadUntilAsync("\r\n\r\n");

        await client.DisposeAsync();

        await ExpectClientClosedAsync(server, New, Active, Idle, Closed);
        Assert.Equal(1, (await server.Server.StatusAsync()).Totals.Requests);
    }

    private static async Task ExpectClientClosedAsync(StartedServer server, params ConnectionState[] states)
    {
        var end = await server.EndOfTheOnlyConnectionAsync(states);
        Assert.Equal(EndReason.ClientClosed, end.EndReason);
        Assert.Equal(0, (await server.Server.StatusAsync()).Totals.Aborted);
    }
}
