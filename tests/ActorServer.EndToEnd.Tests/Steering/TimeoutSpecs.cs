using ActorServer.Core;
using ActorServer.EndToEnd.Tests.Goodbyes;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ActorServer.EndToEnd.Tests.Steering;

/// <summary>Kestrel's own bounds go on working throughout a drain, so that no client can hold it up by being slow.</summary>
/// <remarks>None of these drains has a deadline.</remarks>
public sealed class TimeoutSpecs
{
    private static readonly TimeSpan DripInterval = TimeSpan.FromMilliseconds(20);

    // Kestrel looks once a second, and allows no shorter grace. A large answer has as long as it takes at this rate.
    private static readonly MinDataRate Rate = new(bytesPerSecond: 100_000_000, gracePeriod: TimeSpan.FromMilliseconds(1100));

    [Fact]
    public async Task Headers_that_come_drop_by_drop_are_refused_while_it_waits()
    {
        await using var server = await StartAsync(static k => k.Limits.RequestHeadersTimeout = TimeSpan.FromMilliseconds(500));
        await using var slow = await RawClient.ConnectAsync(server.Address);
        await slow.SendAsync("GET /hello HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
        await using var drip = Drip.Start(slow);
        await server.Transitions.ReachAsync(ConnectionState.New);

        var report = await server.Server.DrainAsync(SocketApplication.Waiting).WaitAsync(SocketApplication.WaitMax);

        await slow.ReadEndAsync();
        Assert.Equal((1, 1, 0), (report.Initial, report.Completed, report.Aborted));
        var end = await server.EndOfTheOnlyConnectionAsync(ConnectionState.New, ConnectionState.Active, ConnectionState.Closed);
        Assert.Equal(EndReason.Refused, end.EndReason);
    }

    [Fact]
    public async Task Headers_that_come_drop_by_drop_are_refused_in_the_lame_duck()
    {
        await using var server = await StartAsync(static k => k.Limits.RequestHeadersTimeout = TimeSpan.FromMilliseconds(500));
        await server.Server.BeginDrainAsync(SocketApplication.Announcing);
        await using var slow = await RawClient.ConnectAsync(server.Address);
        await slow.SendAsync("GET /hello HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
        await using var drip = Drip.Start(slow);

        await slow.ReadEndAsync();

        var end = await server.EndOfTheOnlyConnectionAsync(ConnectionState.New, ConnectionState.Active, ConnectionState.Closed);
        Assert.Equal(EndReason.Refused, end.EndReason);
        Assert.Equal(NodePhase.LameDuck, (await server.Server.StatusAsync()).Phase);
    }

    [Fact]
    public async Task A_body_that_comes_drop_by_drop_is_refused_while_it_waits()
    {
        Held held = new();
        held.Release();
        TaskCompletionSource<Exception?> read = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await StartAsync(
            static k => k.Limits.MinRequestBodyDataRate = Rate,
            app => app.MapPost("/upload", async (HttpRequest request) =>
            {
                await held.WaitAsync();
                read.SetResult(await Record.ExceptionAsync(() => request.Body.CopyToAsync(Stream.Null)));
            }));
        await using var slow = await RawClient.ConnectAsync(server.Address);
        await slow.SendAsync("POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n");
        await held.EnteredAsync();
        await using var drip = Drip.Start(slow);

        var report = await server.Server.DrainAsync(SocketApplication.Waiting).WaitAsync(SocketApplication.WaitMax);

        var refused = Assert.IsAssignableFrom<Microsoft.AspNetCore.Http.BadHttpRequestException>(await read.Task.WaitAsync(SocketApplication.WaitMax));
        Assert.Equal(StatusCodes.Status408RequestTimeout, refused.StatusCode);
        await slow.ReadEndAsync();
        Assert.Equal((DrainPhase.Drained, 1, 0, 0), (report.Phase, report.Initial, report.Aborted, report.Stragglers));
    }

    [Fact]
    public async Task A_reader_that_does_not_read_is_cut_while_it_waits()
    {
        await using var server = await StartAsync(
            static k => k.Limits.MinResponseDataRate = Rate,
            static app => app.MapGet("/large", static (HttpContext context) => SendAsync(context)));
        await using var deaf = await RawClient.ConnectAsync(server.Address);
        await deaf.SendGetAsync("/large");
        await deaf.ReadUntilAsync("\r\n\r\n");

        var report = await server.Server.DrainAsync(SocketApplication.Waiting).WaitAsync(SocketApplication.WaitMax);

        Assert.Equal((DrainPhase.Drained, 1, 0, 0), (report.Phase, report.Initial, report.Remaining, report.Stragglers));
        Assert.Equal(RawEnd.Reset, await deaf.ReadEndAsync());
    }

    [Fact]
    public async Task An_idle_connection_is_closed_in_the_lame_duck()
    {
        await using var server = await StartAsync(static k => k.Limits.KeepAliveTimeout = TimeSpan.FromMilliseconds(500));
        await using var idle = await RawClient.ConnectAsync(server.Address);
        await idle.GetAsync("/hello");

        await server.Server.BeginDrainAsync(SocketApplication.Announcing);

        Assert.Equal(RawEnd.Closed, await idle.ReadEndAsync());
        await server.Transitions.ReachAsync(ConnectionState.Closed);
        Assert.Equal(NodePhase.LameDuck, (await server.Server.StatusAsync()).Phase);
    }

    private static Task<StartedServer> StartAsync(Action<KestrelServerOptions> limits, Action<WebApplication>? map = null)
        => TestApplication.StartAsync(map: map, configure: TestApplication.Kestrel(limits));

    // Far more than the kernel's buffers hold.
    private static async Task SendAsync(HttpContext context)
    {
        var block = new byte[1024 * 1024];
        for (var i = 0; i < 64; i++)
        {
            await context.Response.Body.WriteAsync(block, context.RequestAborted);
        }
    }

    /// <summary>Sends a byte now and then, until the other end does not take it any more.</summary>
    private sealed class Drip : IAsyncDisposable
    {
        private readonly CancellationTokenSource _end = new();
        private Task _dripping = Task.CompletedTask;

        public static Drip Start(RawClient client)
        {
            Drip drip = new();
            drip._dripping = drip.RunAsync(client);
            return drip;
        }

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            await _dripping;
            _end.Dispose();
        }

        private async Task RunAsync(RawClient client)
        {
            using PeriodicTimer timer = new(DripInterval, TimeProvider.System);
            try
            {
                while (await timer.WaitForNextTickAsync(_end.Token))
                {
                    await client.SendAsync("x");
                }
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException)
            {
                // The other end has closed, or the test is over.
            }
        }
    }
}
