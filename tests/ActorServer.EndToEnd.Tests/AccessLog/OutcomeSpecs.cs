using System.Net;
using ActorServer.Core;
using ActorServer.EndToEnd.Tests.Admin;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ActorServer.EndToEnd.Tests.AccessLog;

/// <summary>Whatever a request's end, there is one line, and it says which.</summary>
public sealed class OutcomeSpecs
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    /// <summary>By protocol, and by whether the framework's own fields are read.</summary>
    public static TheoryData<bool, bool> Ways => new() { { false, true }, { true, true }, { false, false }, { true, false } };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_client_that_goes_before_its_answer_has_begun(bool http2, bool readsFields)
    {
        Held held = new();
        await using var site = await StartAsync(held, readsFields);
        using var client = site.Client(http2);
        using CancellationTokenSource gone = new();
        var asking = client.GetAsync(new Uri("/held", UriKind.Relative), gone.Token);
        await held.EnteredAsync();

        await gone.CancelAsync();

        Assert.Equal(("/held", 499, 0, "ClientGone"), await site.Lines.NextAsync());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        await site.EndAsync();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_client_that_goes_in_the_middle_of_its_answer(bool http2, bool readsFields)
    {
        await using var site = await StartAsync(new(), readsFields);
        using (var client = site.Client(http2))
        using (await HalfReadAsync(client, "/half"))
        {
            // Disposing of an answer that is half read resets it.
        }

        Assert.Equal(("/half", 200, 5, "ClientGone"), await site.Lines.NextAsync());
        await site.EndAsync();
    }

    [Fact]
    public async Task What_is_written_to_a_client_that_has_gone_is_not_counted()
    {
        await using var site = await StartAsync(new());
        await using var client = await site.ConnectAsync();
        await client.SendGetAsync("/stubborn");
        await client.ReadUntilAsync("half!");

        client.Reset();

        Assert.Equal(("/stubborn", 200, 5, "ClientGone"), await site.Lines.NextAsync());
        await site.EndAsync();
    }

    [Fact]
    public async Task What_never_left_the_server_is_not_counted()
    {
        Held held = new();
        await using var site = await StartAsync(held);
        await using var client = await site.ConnectAsync();
        await client.SendGetAsync("/unflushed");
        await held.EnteredAsync();

        client.Reset();

        var (target, _, bytes, outcome) = await site.Lines.NextAsync();
        Assert.Equal(("/unflushed", 0L, "ClientGone"), (target, bytes, outcome));
        await site.EndAsync();
    }

    [Fact]
    public async Task What_is_written_to_a_client_that_has_gone_is_no_answer_though_it_is_all_that_was_promised()
    {
        await using var site = await StartAsync(new());
        await using var client = await site.ConnectAsync();
        await client.SendGetAsync("/promised");
        await client.ReadUntilAsync("\r\n\r\n");

        client.Reset();

        Assert.Equal(("/promised", 200, 0, "ClientGone"), await site.Lines.NextAsync());
        await site.EndAsync();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    [Trait("Conformance", "115")]
    public async Task An_exception_after_the_response_began(bool http2, bool readsFields)
    {
        Held held = new();
        await using var site = await StartAsync(held, readsFields);
        using var client = site.Client(http2);
        using var response = await HalfReadAsync(client, "/throw-late");

        held.Release();

        // The client can tell: the answer is not whole.
        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsByteArrayAsync().WaitAsync(WaitMax));
        Assert.Equal(("/throw-late", 200, 5, "FailedLate"), await site.Lines.NextAsync());
        await site.EndAsync();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_timeout(bool http2, bool readsFields)
    {
        await using var site = await StartAsync(new(), readsFields);
        using var client = site.Client(http2);

        using var response = await client.GetAsync(new Uri("/limited", UriKind.Relative));

        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.Equal(("/limited", 504, 0, "TimedOut"), await site.Lines.NextAsync());
        await site.EndAsync();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task An_operators_abort(bool http2, bool readsFields)
    {
        await using var site = await StartAsync(new(), readsFields);
        using var client = site.Client(http2);
        using var response = await HalfReadAsync(client, "/half");
        var id = (await site.Server.Transitions.ReachAsync(ConnectionState.Active))[0];

        await site.Server.Server.Connection(id).AbortAsync();

        var line = await site.Lines.ReadAsync();
        Assert.Equal(("/half", 200, 5, "Aborted"), AccessLines.Shown(line));
        Assert.Equal(id, line.Text("connectionId"));
        await site.EndAsync();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_drains_deadline(bool http2, bool readsFields)
    {
        await using var site = await StartAsync(new(), readsFields);
        using var client = site.Client(http2);
        using var response = await HalfReadAsync(client, "/half");

        await site.Server.Server.DrainAsync(new(DrainTrigger.Code, Duration.Zero));

        Assert.Equal(("/half", 200, 5, "Aborted"), await site.Lines.NextAsync());
        await site.EndAsync();
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task The_applications_own_abort(bool http2, bool readsFields)
    {
        await using var site = await StartAsync(new(), readsFields);
        using var client = site.Client(http2);

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => client.GetAsync(new Uri("/abort", UriKind.Relative)));

        Assert.Equal(("/abort", 499, 0, "Aborted"), await site.Lines.NextAsync());
        await site.EndAsync();
    }

    [Fact]
    public async Task A_client_that_goes_as_soon_as_it_has_all_was_served()
    {
        await using var site = await StartAsync(new());
        for (var i = 0; i < 20; i++)
        {
            await using var client = await site.ConnectAsync();
            await client.SendGetAsync("/whole");
            await client.ReadUntilAsync("whole");
            client.Reset();

            Assert.Equal(("/whole", 200, 5, "Completed"), await site.Lines.NextAsync());
        }
    }

    private static Task<AccessSite> StartAsync(Held held, bool readsFields = true) => AccessSite.StartAsync(
        app =>
        {
            app.UseRequestTimeouts();
            app.MapGet("/held", (HttpContext context) => held.WaitAsync(context.RequestAborted));
            app.MapGet("/unflushed", async (HttpContext context) =>
            {
                context.Response.BodyWriter.GetMemory(3000);
                context.Response.BodyWriter.Advance(3000);
                await held.WaitAsync(context.RequestAborted);
            });
            app.MapGet("/half", async (HttpContext context) =>
            {
                await HalfAsync(context.Response);
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
            });
            app.MapGet("/stubborn", async (HttpContext context) =>
            {
                TaskCompletionSource gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
                await using var registration = context.RequestAborted.Register(gone.SetResult);
                await HalfAsync(context.Response);
                await gone.Task;
                await context.Response.Body.WriteAsync(new byte[100_000]);
            });
            app.MapGet("/promised", async (HttpContext context) =>
            {
                TaskCompletionSource gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
                await using var registration = context.RequestAborted.Register(gone.SetResult);
                context.Response.ContentLength = 5;
                await context.Response.Body.FlushAsync();
                await gone.Task;
                await context.Response.Body.WriteAsync(new byte[5]);
            });
            app.MapGet("/throw-late", async (HttpContext context) =>
            {
                await HalfAsync(context.Response);
                await held.WaitAsync();
                throw new InvalidOperationException("thrown late");
            });
            app.MapGet("/limited", (HttpContext context) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted))
                .WithRequestTimeout(TimeSpan.FromMilliseconds(1));
            app.MapGet("/abort", (HttpContext context) => context.Abort());
            app.MapGet("/whole", (HttpResponse response) =>
            {
                response.ContentLength = 5;
                return response.WriteAsync("whole");
            });
        },
        builder => builder.Services.AddRequestTimeouts(),
        readsFields);

    private static async Task HalfAsync(HttpResponse response)
    {
        await response.WriteAsync("half!");
        await response.Body.FlushAsync();
    }

    private static async Task<HttpResponseMessage> HalfReadAsync(HttpClient client, string target)
    {
        var response = await client.GetAsync(new Uri(target, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        await (await response.Content.ReadAsStreamAsync()).ReadExactlyAsync(new byte[5]).AsTask().WaitAsync(WaitMax);
        return response;
    }
}
