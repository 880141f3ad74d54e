using System.Text.Json;
using ActorServer.EndToEnd.Tests.Admin;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ActorServer.EndToEnd.Tests.AccessLog;

/// <summary>What the server refuses by itself has its line too.</summary>
public sealed class RefusalLineSpecs
{
    [Theory]
    [InlineData("nonsense\r\n\r\n", 400)]
    [InlineData("GET /hello HTTP/9.9\r\n\r\n", 505)]
    [InlineData("GET /hello HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET /hello HTTP/1.1\r\nHost: localhost\r\nX: \xff\xfe\r\n\r\n", 400)]
    [InlineData("GET /hel\xfflo HTTP/1.1\r\nHost: localhost\r\n\r\n", 400)]
    public async Task A_request_that_cannot_be_read(string request, int status)
    {
        await using var site = await StartAsync();
        await using var client = await site.ConnectAsync();

        // What an earlier request on the connection said is not said again.
        await client.GetAsync("/hello?first", "User-Agent: first\r\nX-Request-Id: first\r\n");
        await client.SendAsync(request);

        Assert.Equal(status, (await client.ReadResponseAsync()).Status);
        Assert.Equal("first", (await site.Lines.ReadAsync()).Text("requestId"));
        var line = await site.Lines.ReadAsync();
        Assert.Equal((status, 0, "Refused"), (line.Number("status"), line.Number("responseBytes"), line.Text("outcome")));
        Assert.DoesNotContain("first", line.GetRawText(), StringComparison.Ordinal);
        Assert.Equal("127.0.0.1", line.Text("remote"));
        await site.EndAsync();
    }

    [Fact]
    public async Task A_request_that_is_too_large()
    {
        await using var site = await StartAsync();
        await using var line = await site.ConnectAsync();
        await using var headers = await site.ConnectAsync();
        await using var body = await site.ConnectAsync();

        await line.SendAsync($"GET /{new string('a', 9000)} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal((null, 414, 0, "Refused"), await site.Lines.NextAsync());
        await headers.SendGetAsync("/hello", $"X: {new string('a', 40_000)}\r\n");
        var (_, status, _, outcome) = await site.Lines.NextAsync();
        Assert.Equal((431, "Refused"), (status, outcome));
        await body.SendAsync("POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50000\r\n\r\n");
        Assert.Equal(("/upload", 413, 0, "Refused"), await site.Lines.NextAsync());

        Assert.Equal(414, (await line.ReadResponseAsync()).Status);
        Assert.Equal(431, (await headers.ReadResponseAsync()).Status);
        Assert.Equal(413, (await body.ReadResponseAsync()).Status);
        await site.EndAsync();
    }

    [Fact]
    public async Task A_body_that_breaks_off_while_it_is_read()
    {
        await using var site = await StartAsync();
        await using var client = await site.ConnectAsync();

        await client.SendAsync("POST /upload HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nno size\r\n");

        var line = await site.Lines.ReadAsync();
        Assert.Equal(("/upload", 400, 0, "Refused"), AccessLines.Shown(line));
        Assert.InRange(line.Number("requestBytes"), 0, 5);
        Assert.Equal(400, (await client.ReadResponseAsync()).Status);
        await site.EndAsync();
    }

    [Fact]
    public async Task A_body_that_breaks_off_after_its_answer_is_no_other_request()
    {
        await using var site = await StartAsync();
        await using var client = await site.ConnectAsync();

        await client.SendAsync("POST /ignore HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n");

        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
        await client.ReadEndAsync();
        Assert.Equal(("/ignore", 200, 7, "Completed"), await site.Lines.NextAsync());
        await site.EndAsync();
    }

    [Fact]
    public async Task Headers_that_take_too_long()
    {
        await using var site = await StartAsync(static k => k.Limits.RequestHeadersTimeout = TimeSpan.FromMilliseconds(500));
        await using var client = await site.ConnectAsync();

        await client.SendAsync("GET /hello HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");

        Assert.Equal(408, (await client.ReadResponseAsync()).Status);
        var line = await site.Lines.ReadAsync();
        Assert.Equal((408, 0, "Refused"), (line.Number("status"), line.Number("responseBytes"), line.Text("outcome")));
        await site.EndAsync();
    }

    [Fact]
    public async Task A_body_that_takes_too_long()
    {
        // Kestrel looks once a second, and allows no shorter grace.
        await using var site = await StartAsync(static k => k.Limits.MinRequestBodyDataRate = new(100_000_000, TimeSpan.FromMilliseconds(1100)));
        await using var client = await site.ConnectAsync();

        await client.SendAsync("POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\nhello");

        Assert.Equal(408, (await client.ReadResponseAsync()).Status);
        var line = await site.Lines.ReadAsync();
        Assert.Equal(("/upload", 408, 0, "Refused"), AccessLines.Shown(line));
        Assert.Equal(5, line.Number("requestBytes"));
        await site.EndAsync();
    }

    private static Task<AccessSite> StartAsync(Action<KestrelServerOptions>? configure = null) => AccessSite.StartAsync(
        app =>
        {
            app.MapGet("/hello", () => "hello");
            app.MapPost("/upload", (HttpRequest request) => request.Body.CopyToAsync(Stream.Null));
            app.MapPost("/ignore", () => "ignored");
        },
        TestApplication.Kestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = 10_000;
            configure?.Invoke(kestrel);
        }));
}
