using System.Text.Json;
using ActorServer.Core;
using ActorServer.EndToEnd.Tests.Admin;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ActorServer.EndToEnd.Tests.AccessLog;

/// <summary>An exception becomes an answer, or an end that the client can tell; the connection's books stay right.</summary>
public sealed class FailureSpecs
{
    [Theory]
    [InlineData("/throw")]
    [InlineData("/throw-async")]
    [InlineData("/middleware")]
    [Trait("Conformance", "115")]
    public async Task Before_the_response_began_it_is_a_500_with_the_requests_id(string path)
    {
        await using var site = await StartAsync();
        await using var client = await site.ConnectAsync();

        var response = await client.GetAsync(path, "X-Request-Id: the-id\r\n");
        var next = await client.GetAsync("/hello");

        Assert.Equal((500, "application/problem+json"), (response.Status, response.Headers["Content-Type"].Single()));
        Assert.Equal("the-id", response.Headers["X-Request-Id"].Single());
        Assert.Empty(response.Headers["X-Early"]);
        var problem = JsonElement.Parse(response.Body);
        Assert.Equal(("the-id", 500), (problem.Text("requestId"), problem.Number("status")));
        Assert.False(problem.TryGetProperty("detail", out _));
        Assert.Equal((200, "hello"), (next.Status, next.Body));
        Assert.Equal((path, 500, response.Body.Length, "Failed"), await site.Lines.NextAsync());
        Assert.Equal(("/hello", 200, 5, "Completed"), await site.Lines.NextAsync());
        await site.EndAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task With_the_developers_page_it_is_that_pages(bool development)
    {
        await using var server = await StartedServer.StartAsync(
            app => app.MapGet("/throw", string () => throw new InvalidOperationException("a secret")),
            prepare: builder => builder.Environment.EnvironmentName = development ? "Development" : "Production");
        await using var client = await RawClient.ConnectAsync(server.Address);

        var response = await client.GetAsync("/throw");

        Assert.Equal(500, response.Status);
        Assert.Equal(development, response.Body.Contains("a secret", StringComparison.Ordinal));
        Assert.Equal(development ? "text/plain; charset=utf-8" : "application/problem+json", response.Headers["Content-Type"].Single());
    }

    [Fact]
    public async Task An_application_that_answers_for_itself_is_left_alone()
    {
        await using var site = await AccessSite.StartAsync(app =>
        {
            app.UseExceptionHandler(handler => handler.Run(context => context.Response.WriteAsync("sorry")));
            app.MapGet("/throw", string () => throw new InvalidOperationException("thrown"));
        });
        await using var client = await site.ConnectAsync();

        var response = await client.GetAsync("/throw");

        Assert.Equal((500, "sorry"), (response.Status, response.Body));
        Assert.Equal(("/throw", 500, 5, "Failed"), await site.Lines.NextAsync());
        await site.EndAsync();
    }

    [Fact]
    public async Task A_callback_that_throws_before_the_response_began_leaves_the_answer_to_the_server()
    {
        await using var site = await StartAsync();
        await using var client = await site.ConnectAsync();

        var response = await client.GetAsync("/starting");
        var both = await client.GetAsync("/starting-and-throw");
        var next = await client.GetAsync("/hello");

        Assert.Equal((500, "", 500, "", 200), (response.Status, response.Body, both.Status, both.Body, next.Status));
        Assert.Equal(("/starting", 500, 0, "Failed"), await site.Lines.NextAsync());
        Assert.Equal(("/starting-and-throw", 500, 0, "Failed"), await site.Lines.NextAsync());
        Assert.Equal(("/hello", 200, 5, "Completed"), await site.Lines.NextAsync());
        await site.EndAsync();
    }

    [Fact]
    public async Task A_callback_that_throws_when_all_is_over_changes_nothing()
    {
        await using var site = await StartAsync();
        await using var client = await site.ConnectAsync();

        var response = await client.GetAsync("/completed");
        var next = await client.GetAsync("/hello");

        Assert.Equal((200, "completed", 200), (response.Status, response.Body, next.Status));
        Assert.Equal(("/completed", 200, 9, "Completed"), await site.Lines.NextAsync());
        Assert.Equal(("/hello", 200, 5, "Completed"), await site.Lines.NextAsync());
        await site.EndAsync();
    }

    [Fact]
    [Trait("Conformance", "4")]
    public async Task After_an_upgrade_the_connection_ends_and_the_books_are_right()
    {
        await using var site = await StartAsync();
        await using var client = await site.ConnectAsync();

        await client.SendGetAsync("/upgrade", "Connection: Upgrade\r\nUpgrade: other\r\n");
        Assert.Equal(101, (await client.ReadResponseAsync()).Status);
        Assert.Equal("hello", await client.ReadExactAsync(5));
        await client.ReadEndAsync();

        Assert.Equal(("/upgrade", 101, 5, "FailedLate"), await site.Lines.NextAsync());
        await site.Server.EndOfTheOnlyConnectionAsync(ConnectionState.New, ConnectionState.Active, ConnectionState.Upgraded, ConnectionState.Closed);
        var status = await site.Server.Server.StatusAsync();
        Assert.Equal((0, 1L, 1L), (status.Connections.Total, status.Totals.Closed, status.Totals.Requests));
        await site.EndAsync();
    }

    [Fact]
    public async Task A_response_shorter_than_it_said_is_cut()
    {
        await using var site = await StartAsync();
        await using var client = await site.ConnectAsync();

        await client.SendGetAsync("/short");
        await client.ReadUntilAsync("short");
        await client.ReadEndAsync();

        Assert.Equal(("/short", 200, 5, "FailedLate"), await site.Lines.NextAsync());
        await site.EndAsync();
    }

    private static Task<AccessSite> StartAsync() => AccessSite.StartAsync(app =>
    {
        app.Use((HttpContext context, RequestDelegate next) =>
        {
            context.Response.Headers["X-Early"] = "lost";
            return context.Request.Path == "/middleware" ? throw new InvalidOperationException("thrown by middleware") : next(context);
        });
        app.MapGet("/hello", () => "hello");
        app.MapGet("/throw", string () => throw new InvalidOperationException("thrown"));
        app.MapGet("/throw-async", async Task<string> () =>
        {
            await Task.Yield();
            throw new InvalidOperationException("thrown later");
        });
        app.MapGet("/starting", (HttpResponse response) =>
        {
            response.OnStarting(() => throw new InvalidOperationException("thrown at the start"));
            return response.WriteAsync("never sent");
        });
        app.MapGet("/starting-and-throw", string (HttpResponse response) =>
        {
            response.OnStarting(() => throw new InvalidOperationException("thrown at the start"));
            throw new InvalidOperationException("thrown before that");
        });
        app.MapGet("/completed", (HttpResponse response) =>
        {
            response.OnCompleted(() => throw new InvalidOperationException("thrown at the end"));
            return response.WriteAsync("completed");
        });
        app.MapGet("/upgrade", async (HttpContext context) =>
        {
            await using var stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
            await stream.WriteAsync("hello"u8.ToArray());
            throw new InvalidOperationException("thrown after the upgrade");
        });
        app.MapGet("/short", async (HttpResponse response) =>
        {
            response.ContentLength = 10;
            await response.WriteAsync("short");
        });
    });
}
