using ActorServer.Actors;
using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ActorServer.EndToEnd.Tests.Goodbyes;

/// <summary>What a request is told when its connection is to go.</summary>
[Trait("Conformance", "30")]
public sealed class DrainTokenSpecs
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_fires_in_the_lame_duck_and_a_stream_ends_cleanly(bool http2)
    {
        await using var server = await StartAsync(http2);
        using var client = Client(server, http2);
        using var response = await client.GetAsync(new Uri("/sse", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        using StreamReader reader = new(await response.Content.ReadAsStreamAsync());
        Assert.Equal("data: 0", await reader.ReadLineAsync());

        await server.Server.BeginDrainAsync(SocketApplication.Announcing);

        // The end is whole: a response that was cut would throw here.
        var rest = await reader.ReadToEndAsync().WaitAsync(SocketApplication.WaitMax);
        Assert.EndsWith("data: the end\n\n", rest, StringComparison.Ordinal);
        Assert.Equal(NodePhase.LameDuck, (await server.Server.StatusAsync()).Phase);
    }

    [Fact]
    public async Task A_stream_that_does_not_ask_goes_on_and_is_cut_at_the_deadline()
    {
        await using var server = await StartAsync(http2: false);
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendGetAsync("/endless");
        await client.ReadUntilAsync("data: 0");

        var drained = server.Server.DrainAsync(new(DrainTrigger.Code, TimeSpan.FromSeconds(2)));

        Assert.Equal(RawEnd.Reset, await client.ReadEndAsync());
        var report = await drained.WaitAsync(SocketApplication.WaitMax);
        Assert.Equal(1, report.Aborted + report.Stragglers);
        Assert.Equal("/endless", report.Blockers[0].Path);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_fires_when_the_client_goes(bool http2)
    {
        TaskCompletionSource fired = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await StartAsync(http2, (app) => app.MapGet("/wait", async (HttpContext context) =>
        {
            await context.Response.Body.FlushAsync();
            await using var registration = context.DrainToken().Register(fired.SetResult);
            await fired.Task;
        }));
        using (var client = Client(server, http2))
        {
            using var response = await client.GetAsync(new Uri("/wait", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
            Assert.False(fired.Task.IsCompleted);
        }

        await fired.Task.WaitAsync(SocketApplication.WaitMax);
        Assert.Equal(NodePhase.Serving, (await server.Server.StatusAsync()).Phase);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_has_fired_for_a_request_that_comes_late(bool http2)
    {
        await using var server = await StartAsync(http2, static app => app.MapGet("/late", Late));
        using var client = Client(server, http2);
        // One connection from before the drain, one from within it.
        await client.GetStringAsync(new Uri("/hello", UriKind.Relative));
        await server.Server.BeginDrainAsync(SocketApplication.Announcing);
        await server.HeardAsync();

        Assert.Equal("True", await client.GetStringAsync(new Uri("/late", UriKind.Relative)));
        Assert.Equal("True", await client.GetStringAsync(new Uri("/late", UriKind.Relative)));

        static string Late(HttpContext context) => $"{context.DrainToken().IsCancellationRequested}";
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_has_not_fired_for_a_request_after_a_resume(bool http2)
    {
        await using var server = await StartAsync(
            http2, static app => app.MapGet("/late", static (HttpContext context) => $"{context.DrainToken().IsCancellationRequested}"));
        using var client = Client(server, http2);
        Assert.Equal("False", await client.GetStringAsync(new Uri("/late", UriKind.Relative)));
        await server.Server.BeginDrainAsync(SocketApplication.Announcing);
        await server.HeardAsync();
        await server.Server.ResumeAsync();
        await server.HeardAsync();

        Assert.Equal("False", await client.GetStringAsync(new Uri("/late", UriKind.Relative)));
    }

    [Fact]
    public async Task It_is_one_for_a_request_however_often_it_is_asked_for_and_another_for_the_next()
    {
        List<CancellationToken> tokens = [];
        await using var server = await StartAsync(http2: false, app => app.MapGet("/tokens", (HttpContext context) =>
        {
            tokens.Add(context.DrainToken());
            tokens.Add(context.DrainToken());
        }));
        await using var client = await RawClient.ConnectAsync(server.Address);

        await client.GetAsync("/tokens");
        await client.GetAsync("/tokens");

        Assert.Equal(tokens[0], tokens[1]);
        Assert.Equal(tokens[2], tokens[3]);
        Assert.NotEqual(tokens[0], tokens[2]);
    }

    [Fact]
    public async Task An_operators_close_fires_it_too()
    {
        await using var server = await StartAsync(http2: false);
        using var client = Client(server, http2: false);
        using var response = await client.GetAsync(new Uri("/sse", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        var id = Assert.Single(await server.Transitions.ReachAsync(ConnectionState.Active));

        Assert.Equal(CommandResult.Accepted, await server.Server.Connection(id).CloseAsync());

        Assert.EndsWith("data: the end\n\n", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await server.Transitions.ReachAsync(id, ConnectionState.Closed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Callbacks_that_throw_or_block_disturb_nobody(bool http2)
    {
        using ManualResetEventSlim blocking = new();
        await using var server = await StartAsync(http2, app =>
        {
            app.MapGet("/throws", (HttpContext context) => RegisterAsync(context, static () => throw new InvalidOperationException("bug")));
            app.MapGet("/blocks", (HttpContext context) => RegisterAsync(context, () => blocking.Wait(CancellationToken.None)));
        });
        using var client = Client(server, http2);
        // On one connection of HTTP/2 the first to ask is told after the others, if one after the other.
        using var sse = await client.GetAsync(new Uri("/sse", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        using var throws = await client.GetAsync(new Uri("/throws", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        using var blocks = await client.GetAsync(new Uri("/blocks", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);

        var drained = server.Server.DrainAsync(SocketApplication.Waiting);

        Assert.EndsWith("data: the end\n\n", await ReadAsync(sse), StringComparison.Ordinal);
        Assert.Equal("told", await ReadAsync(throws));
        await server.Transitions.ReachAsync(NodePhase.Draining);
        Assert.False(drained.IsCompleted);
        blocking.Set();
        Assert.Equal("told", await ReadAsync(blocks));
        Assert.Equal(0, (await drained.WaitAsync(SocketApplication.WaitMax)).Aborted);

        static Task<string> ReadAsync(HttpResponseMessage response)
            => response.Content.ReadAsStringAsync().WaitAsync(SocketApplication.WaitMax);
    }

    private static Task<StartedServer> StartAsync(bool http2, Action<WebApplication>? map = null) => TestApplication.StartAsync(
        map: app =>
        {
            app.MapGet("/sse", (RequestDelegate)EventsAsync);
            app.MapGet("/endless", static (HttpContext context) => StreamAsync(context, context.RequestAborted));
            map?.Invoke(app);
        },
        configure: http2 ? TestApplication.ListenHttp2(tls: false) : null);

    private static HttpClient Client(StartedServer server, bool http2)
        => http2 ? TestApplication.Http2(server.Address) : new() { BaseAddress = server.Address };

    private static async Task EventsAsync(HttpContext context)
    {
        try
        {
            await StreamAsync(context, context.DrainToken());
        }
        catch (OperationCanceledException)
        {
            await context.Response.WriteAsync("data: the end\n\n");
        }
    }

    private static async Task StreamAsync(HttpContext context, CancellationToken end)
    {
        context.Response.ContentType = "text/event-stream";
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(1));
        for (var i = 0; ; i++)
        {
            await context.Response.WriteAsync($"data: {i}\n\n", CancellationToken.None);
            await context.Response.Body.FlushAsync(CancellationToken.None);
            await timer.WaitForNextTickAsync(end);
        }
    }

    // Answers when its callback and another have been called.
    private static async Task RegisterAsync(HttpContext context, Action callback)
    {
        await context.Response.Body.FlushAsync();
        TaskCompletionSource told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var token = context.DrainToken();
        // Registered first, told last.
        await using var other = token.Register(told.SetResult);
        await using var mine = token.Register(callback);
        await told.Task;
        await context.Response.WriteAsync("told");
    }
}
