using ActorServer.Core;
using ActorServer.EndToEnd.Tests.Admin;
using ActorServer.Kestrel;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ActorServer.EndToEnd.Tests.AccessLog;

/// <summary>A sink that blocks or throws costs lines, and nothing else.</summary>
public sealed class SinkSpecs
{
    private const int Buffer = 100;

    [Fact]
    public async Task One_that_blocks_delays_no_request_and_every_line_lost_is_counted()
    {
        BlockingSink sink = new();
        Heard said = new("lines of the access log are lost");
        await using var server = await StartAsync(sink, said);
        using var client = Client(server);
        await client.GetStringAsync(new Uri("/hello", UriKind.Relative));
        await sink.Blocked;

        // One is in the sink's hands, a hundred wait; nobody writes, and all are answered.
        const int requests = 5000;
        for (var i = 0; i < requests; i++)
        {
            Assert.Equal("hello", await client.GetStringAsync(new Uri("/hello", UriKind.Relative)));
        }

        // The last one's line is made after its answer: the stop waits for that.
        await server.StopAsync();
        sink.Release();
        var writer = server.Services.GetRequiredService<Kestrel.AccessLog>();
        await writer.FlushAsync();

        Assert.Equal(new AccessLogCounts(Written: 1 + Buffer, Dropped: requests - Buffer), writer.Counts);
        Assert.Contains("the buffer is full", await said.Line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_throws_loses_what_it_did_not_write_and_is_given_the_next()
    {
        ThrowingSink sink = new();
        await using var server = await StartAsync(sink, new("nothing"));
        using var client = Client(server);
        var log = server.Services.GetRequiredService<Kestrel.AccessLog>();

        for (var i = 1; i <= 3; i++)
        {
            await client.GetStringAsync(new Uri("/hello", UriKind.Relative));
            await sink.CalledAsync();
            await log.FlushAsync();
            Assert.Equal(i, log.Counts!.Dropped);
        }

        sink.Recovers = true;
        await client.GetStringAsync(new Uri("/hello", UriKind.Relative));
        await sink.CalledAsync();
        await log.FlushAsync();
        Assert.Equal(new AccessLogCounts(Written: 1, Dropped: 3), log.Counts);
    }

    [Fact]
    public async Task One_that_blocks_for_ever_does_not_hold_the_stop()
    {
        BlockingSink sink = new();
        await using var server = await StartAsync(sink, new("nothing"));
        using var client = Client(server);
        await client.GetStringAsync(new Uri("/hello", UriKind.Relative));
        await sink.Blocked;

        await server.StopAsync().WaitAsync(TimeSpan.FromSeconds(30));
        sink.Release();
    }

    [Fact]
    public async Task Without_a_file_lines_go_to_the_logger_at_the_level_of_their_status()
    {
        LogLines log = new();
        await using var server = await TestApplication.StartAsync(
            map: app => app.MapGet("/throw", string () => throw new InvalidOperationException("thrown")),
            configure: builder =>
            {
                builder.Logging.AddProvider(log);
                AccessSite.Enable(builder);
            });
        await using var client = await RawClient.ConnectAsync(server.Address);

        await client.GetAsync("/hello", "X-Request-Id: ok\r\n");
        await client.GetAsync("/nowhere", "X-Request-Id: missing\r\n");
        await client.GetAsync("/throw", "X-Request-Id: thrown\r\n");
        await server.StopAsync();

        Assert.Collection(
            log.Of("ActorServer.AccessLog"),
            l => AssertLine(l, LogLevel.Information, "ok", 200),
            l => AssertLine(l, LogLevel.Warning, "missing", 404),
            l => AssertLine(l, LogLevel.Error, "thrown", 500));
    }

    private static void AssertLine((LogLevel Level, string Text) line, LogLevel level, string id, int status)
    {
        var json = System.Text.Json.JsonElement.Parse(line.Text);
        Assert.Equal((level, id, status), (line.Level, json.Text("requestId"), json.Number("status")));
    }

    private static Task<StartedServer> StartAsync(IAccessSink sink, Heard log)
        => TestApplication.StartAsync(configure: builder =>
        {
            builder.Services.AddSingleton(sink);
            builder.Logging.AddProvider(log);
            AccessSite.Enable(builder, ("BufferMax", $"{Buffer}"));
        });

    private static HttpClient Client(StartedServer server) => new(new SocketsHttpHandler { MaxConnectionsPerServer = 1 }) { BaseAddress = server.Address };

    private sealed class BlockingSink : IAccessSink
    {
        private readonly TaskCompletionSource _blocked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _released = new();

        public Task Blocked => _blocked.Task.WaitAsync(TimeSpan.FromSeconds(30));

        public long Written { get; private set; }

        public void Open()
        {
        }

        public void Write(ReadOnlySpan<LoggedRequest> requests)
        {
            if (requests.IsEmpty)
            {
                return;
            }

            _blocked.TrySetResult();
            _released.Wait();
            Written += requests.Length;
        }

        public void Release() => _released.Set();

        public void Dispose() => _released.Dispose();
    }

    private sealed class ThrowingSink : IAccessSink
    {
        private readonly SemaphoreSlim _called = new(0);

        public bool Recovers { get; set; }

        public long Written { get; private set; }

        public void Open()
        {
        }

        public void Write(ReadOnlySpan<LoggedRequest> requests)
        {
            if (requests.IsEmpty)
            {
                return;
            }

            _called.Release();
            Written += Recovers ? requests.Length : throw new IOException("No space left on device");
        }

        public async Task CalledAsync() => Assert.True(await _called.WaitAsync(TimeSpan.FromSeconds(30)));

        public void Dispose() => _called.Dispose();
    }
}
