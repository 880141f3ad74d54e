using System.Collections.Concurrent;
using System.Diagnostics;
using ActorServer.EndToEnd.Tests.Admin;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Activity = System.Diagnostics.Activity;

namespace ActorServer.EndToEnd.Tests.AccessLog;

/// <summary>One id for a request: in its header, its line, the application's own log and its trace.</summary>
public sealed partial class RequestIdSpecs
{
    [Theory]
    [InlineData("X-Request-Id: 7f3a-B.c_d/e=f:g@h\r\n", "7f3a-B.c_d/e=f:g@h")]
    [InlineData("x-request-id: small\r\n", "small")]
    [InlineData("X-Request-Id: with space\r\n", null)]
    [InlineData("X-Request-Id: \"quoted\"\r\n", null)]
    [InlineData("X-Request-Id: <script>\r\n", null)]
    [InlineData("X-Request-Id: {a}\r\n", null)]
    [InlineData("X-Request-Id: one\r\nX-Request-Id: two\r\n", null)]
    [InlineData("X-Request-Id: \r\n", null)]
    [InlineData("X-Request-Id: \xc3\xa4\r\n", null)]
    [InlineData("", null)]
    public async Task It_is_taken_from_the_request_or_made(string header, string? taken)
    {
        await using var site = await AccessSite.StartAsync(app => app.MapGet("/id", (HttpContext context) => context.TraceIdentifier));
        await using var client = await site.ConnectAsync();

        var response = await client.GetAsync("/id", header);

        var id = response.Headers["X-Request-Id"].Single();
        Assert.Equal(id, response.Body);
        Assert.Equal(id, (await site.Lines.ReadAsync()).Text("requestId"));
        if (taken is not null)
        {
            Assert.Equal(taken, id);
        }
        else
        {
            Assert.Matches("^[0-9A-Z]+:[0-9A-F]+$", id);
        }
    }

    [Fact]
    public async Task One_too_long_is_not_taken_and_one_that_just_fits_is()
    {
        await using var site = await AccessSite.StartAsync(app => app.MapGet("/id", (HttpContext context) => context.TraceIdentifier));
        await using var client = await site.ConnectAsync();

        var fits = await client.GetAsync("/id", $"X-Request-Id: {new string('a', 128)}\r\n");
        var not = await client.GetAsync("/id", $"X-Request-Id: {new string('a', 129)}\r\n");

        Assert.Equal(new string('a', 128), fits.Body);
        Assert.DoesNotContain("aa", not.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_header_has_the_name_that_is_configured()
    {
        await using var site = await AccessSite.StartAsync(
            app => app.MapGet("/id", (HttpContext context) => context.TraceIdentifier),
            builder => AccessSite.Enable(builder, ("RequestIdHeader", "X-Cybozu-Request-ID")));
        await using var client = await site.ConnectAsync();

        var response = await client.GetAsync("/id", "X-Cybozu-Request-ID: theirs\r\nX-Request-Id: ours\r\n");

        Assert.Equal("theirs", response.Body);
        Assert.Equal("theirs", response.Headers["X-Cybozu-Request-ID"].Single());
        Assert.Empty(response.Headers["X-Request-Id"]);
    }

    [Fact]
    public async Task The_applications_own_log_and_trace_carry_it()
    {
        ScopeReader scopes = new();
        ConcurrentQueue<Activity> activities = new();
        using ActivityListener listener = new()
        {
            ShouldListenTo = static source => source.Name == "Microsoft.AspNetCore",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activities.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var site = await AccessSite.StartAsync(
            app => app.MapGet("/log", (ILogger<RequestIdSpecs> log) => Say.Here(log)),
            builder => builder.Logging.AddProvider(scopes));
        await using var client = await site.ConnectAsync();

        await client.GetAsync("/log", "X-Request-Id: the-id-of-this-test\r\n");
        var line = await site.Lines.ReadAsync();
        await site.EndAsync();

        Assert.Contains("the-id-of-this-test", scopes.RequestIds);
        var activity = Assert.Single(activities, a => a.GetTagItem("request.id") is "the-id-of-this-test");
        Assert.Equal(activity.TraceId.ToHexString(), line.Text("traceId"));
    }

    [Fact]
    public async Task A_request_that_continues_a_trace_has_its_id()
    {
        // Whoever logs makes the framework follow traces.
        await using var site = await AccessSite.StartAsync(
            app => app.MapGet("/hello", () => "hello"), builder => builder.Logging.AddProvider(new ScopeReader()));
        await using var client = await site.ConnectAsync();

        await client.GetAsync("/hello", "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n");

        Assert.Equal("0af7651916cd43dd8448eb211c80319c", (await site.Lines.ReadAsync()).Text("traceId"));
    }

    [Fact]
    public async Task Without_the_log_no_header_is_added()
    {
        await using var server = await TestApplication.StartAsync();
        await using var client = await TestKit.RawClient.ConnectAsync(server.Address);

        Assert.Empty((await client.GetAsync("/hello", "X-Request-Id: mine\r\n")).Headers["X-Request-Id"]);
    }

    private static partial class Say
    {
        [LoggerMessage(1, LogLevel.Information, "here")]
        public static partial void Here(ILogger logger);
    }

    /// <summary>Reads the framework's scope where the application logs.</summary>
    private sealed class ScopeReader : ILoggerProvider, ILogger, ISupportExternalScope
    {
        private IExternalScopeProvider? _scopes;

        public ConcurrentQueue<string?> RequestIds { get; } = new();

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (formatter(state, exception) == "here")
            {
                _scopes?.ForEachScope(
                    static (scope, ids) =>
                    {
                        if (scope is IEnumerable<KeyValuePair<string, object>> fields)
                        {
                            foreach (var field in fields.Where(f => f.Key == "RequestId"))
                            {
                                ids.Enqueue(field.Value as string);
                            }
                        }
                    },
                    RequestIds);
            }
        }

        public void Dispose()
        {
        }
    }
}
