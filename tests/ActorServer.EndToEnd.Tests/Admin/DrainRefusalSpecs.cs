using System.Net;
using ActorServer.TestKit;

namespace ActorServer.EndToEnd.Tests.Admin;

/// <summary>A drain that was not understood must not run: not even with the options' own values.</summary>
public sealed class DrainRefusalSpecs(SharedSite shared) : IClassFixture<SharedSite>
{
    [Theory]
    [InlineData("""{"budget":"soon"}""", "budget cannot be \"soon\"", "0 to 168h or infinite", "500ms, 5s")]
    [InlineData("""{"budget":"-1s"}""", "budget")]
    [InlineData("""{"budget":"8.00:00:00"}""", "budget", "0 to 168h")]
    [InlineData("""{"budget":22}""", "budget cannot be 22", "it is a string")]
    [InlineData("""{"budget":""}""", "budget")]
    [InlineData("""{"budget":["5s"]}""", "budget")]
    [InlineData("""{"lameDuck":"infinite"}""", "lameDuck cannot be \"infinite\"", "0 to 1h")]
    [InlineData("""{"lameDuck":true}""", "lameDuck cannot be true")]
    [InlineData("""{"spread":"2h"}""", "spread cannot be \"2h\"", "0 to 1h or infinite")]
    [InlineData("""{"reason":1}""", "reason is a string")]
    [InlineData("""{"reason":"a\nb"}""", "reason", "without control characters")]
    [InlineData("""{"reason":"a\u001b[2Jb"}""", "reason", "without control characters")]
    [InlineData("""{"reason":"a\u0000"}""", "reason", "without control characters")]
    [InlineData("""{"reason":"\ud800"}""", "not JSON")]
    [InlineData("""{"\ud800":"5s"}""", "not JSON")]
    [InlineData("""{"extend":"true"}""", "extend is true or false")]
    [InlineData("""{"extend":1}""", "extend is true or false")]
    [InlineData("""{"deadline":"5s"}""", "deadline is not a field", "budget, lameDuck, spread, reason, extend")]
    [InlineData("""{"Budget":"5s"}""", "Budget is not a field", "budget")]
    [InlineData("""{"budget":"5s","budget":"6s"}""", "budget")]
    [InlineData("""{"budget":"5s","\u0062udget":"6s"}""", "budget")]
    [InlineData("""{"budget":"5s",}""", "not JSON")]
    [InlineData("""{"budget":"5s" """, "not JSON")]
    [InlineData("""{} {}""", "not JSON")]
    [InlineData("budget=5s", "not JSON")]
    [InlineData(" ", "not JSON")]
    [InlineData("null", "a JSON object", "budget, lameDuck, spread, reason, extend")]
    [InlineData("[]", "a JSON object")]
    [InlineData("\"5s\"", "a JSON object")]
    [InlineData("5", "a JSON object")]
    public async Task A_body_that_is_not_understood_is_refused_with_what_is_allowed(string body, params string[] says)
    {
        var site = shared.Site;

        using var answer = await site.PostAsync("/api/drain", body);

        await answer.ProblemAsync(400, says);
        Assert.Equal("Serving", (await site.ReadAsync("/api/status")).Text("phase"));
    }

    [Fact]
    public async Task Deep_JSON_is_refused()
    {
        var site = shared.Site;
        var deep = new string('[', 10_000);

        using var answer = await site.PostAsync("/api/drain", $$"""{"budget":{{deep}}""");

        await answer.ProblemAsync(400, "not JSON", "depth");
    }

    [Fact]
    public async Task A_reason_has_a_length_in_the_record()
    {
        await using var site = await AdminSite.StartAsync();

        using var longer = await site.PostAsync("/api/drain", $$"""{"reason":"{{new string('x', 201)}}"}""");
        await longer.ProblemAsync(400, "reason", "200");
        using var fits = await site.PostAsync(
            "/api/drain", $$"""{"reason":"{{new string('x', 200)}}","lameDuck":"1h"}""");

        Assert.Equal(new string('x', 200), (await fits.JsonAsync(HttpStatusCode.Accepted)).Text("reason"));
    }

    [Fact]
    public async Task A_long_value_is_not_repeated_at_length()
    {
        var site = shared.Site;

        using var answer = await site.PostAsync("/api/drain", $$"""{"budget":"{{new string('9', 60_000)}}"}""");

        await answer.ProblemAsync(400, "budget");
        Assert.InRange((await answer.Content.ReadAsByteArrayAsync()).Length, 1, 2_000);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_refused()
    {
        var site = shared.Site;
        await using var client = await RawClient.ConnectAsync(site.Address);

        byte[] body = [.. "{\"reason\":\""u8, 0xff, 0xfe, .. "\"}"u8];
        await client.SendAsync(
            $"POST /api/drain HTTP/1.1\r\nHost: localhost\r\nContent-Length: {body.Length}\r\n\r\n");
        await client.SendAsync(body);
        var response = await client.ReadResponseAsync();

        Assert.Equal(400, response.Status);
        Answers.ReadProblem(response.Body, 400, "not JSON");
    }

    [Fact]
    public async Task A_drain_is_not_taken_from_the_query()
    {
        var site = shared.Site;

        using var answer = await site.PostAsync("/api/drain?budget=5s");

        await answer.ProblemAsync(400, "budget", "body");
        Assert.Equal("Serving", (await site.ReadAsync("/api/status")).Text("phase"));
    }

    [Theory]
    [InlineData("Content-Length: 65537\r\n\r\n")]
    [InlineData("Content-Length: 9999999999\r\n\r\n")]
    public async Task A_body_that_says_it_is_too_large_is_refused_unread(string rest)
    {
        var site = shared.Site;
        await using var client = await RawClient.ConnectAsync(site.Address);

        await client.SendAsync("POST /api/drain HTTP/1.1\r\nHost: localhost\r\n" + rest);
        var response = await client.ReadResponseAsync();

        Assert.Equal(413, response.Status);
        Answers.ReadProblem(response.Body, 413, "64 KiB");
        Assert.Equal("Serving", (await site.ReadAsync("/api/status")).Text("phase"));
    }

    [Fact]
    public async Task A_body_in_chunks_is_refused_when_it_becomes_too_large()
    {
        var site = shared.Site;
        await using var client = await RawClient.ConnectAsync(site.Address);

        await client.SendAsync("POST /api/drain HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
        await client.SendAsync($"8000\r\n{new string(' ', 0x8000)}\r\n8001\r\n{new string(' ', 0x8001)}\r\n0\r\n\r\n");
        var response = await client.ReadResponseAsync();

        Assert.Equal(413, response.Status);
        Answers.ReadProblem(response.Body, 413, "64 KiB");
    }

    [Fact]
    public async Task A_body_of_the_largest_size_is_read()
    {
        await using var site = await AdminSite.StartAsync();
        var body = """{"lameDuck":"1h"}""".PadRight(64 * 1024);

        using var answer = await site.PostAsync("/api/drain", body);

        Assert.Equal("LameDuck", (await answer.JsonAsync(HttpStatusCode.Accepted)).Text("phase"));
    }
}
