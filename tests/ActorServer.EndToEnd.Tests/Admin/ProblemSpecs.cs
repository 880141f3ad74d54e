using ActorServer.TestKit;

namespace ActorServer.EndToEnd.Tests.Admin;

public sealed class ProblemSpecs(SharedSiteWithToken shared) : IClassFixture<SharedSiteWithToken>
{
    [Theory]
    [InlineData("DELETE", "/api/status", "GET")]
    [InlineData("POST", "/api/status", "GET")]
    [InlineData("PUT", "/api/connections", "GET")]
    [InlineData("DELETE", "/api/connections/x", "GET")]
    [InlineData("GET", "/api/connections/x/close", "POST")]
    [InlineData("GET", "/api/connections/x/abort", "POST")]
    [InlineData("PATCH", "/api/drain", "GET, POST")]
    [InlineData("POST", "/livez", "GET")]
    [InlineData("BREW", "/readyz", "GET")]
    public async Task A_wrong_method_is_told_the_right_ones(string method, string path, string allowed)
    {
        using var answer = await shared.Site.SendAsync(new(method), path, token: AdminSite.Token);

        await answer.ProblemAsync(405, [method, .. allowed.Split(", ")]);
        Assert.Superset(allowed.Split(", ").ToHashSet(), answer.Content.Headers.Allow.ToHashSet());
    }

    [Theory]
    [InlineData("GET", "/api")]
    [InlineData("GET", "/api/")]
    [InlineData("GET", "/api/connection")]
    [InlineData("GET", "/api/connections/x/timeline")]
    [InlineData("POST", "/api/connections/x/closed")]
    [InlineData("GET", "/hello")]
    public async Task An_unknown_path_is_not_found(string method, string path)
    {
        using var answer = await shared.Site.SendAsync(new(method), path, token: AdminSite.Token);

        await answer.ProblemAsync(404, path);
    }

    [Theory]
    [InlineData("text/html")]
    [InlineData("text/plain")]
    [InlineData("image/*;q=0.5")]
    public async Task A_client_that_did_not_ask_for_JSON_is_told_all_the_same(string accept)
    {
        await using var client = await RawClient.ConnectAsync(shared.Site.Address);

        foreach (var (request, status) in new[]
        {
            ("GET /api/drain", 404), ("GET /api/connections?limit=x", 400), ("GET /nowhere", 404),
            ("DELETE /api/status", 401),
        })
        {
            await client.SendAsync($"{request} HTTP/1.1\r\nHost: localhost\r\nAccept: {accept}\r\n\r\n");
            var response = await client.ReadResponseAsync();

            Assert.Equal(status, response.Status);
            Assert.StartsWith(
                "application/problem+json", response.Headers["Content-Type"].Single(), StringComparison.Ordinal);
            Answers.ReadProblem(response.Body, status);
        }
    }

    [Fact]
    public async Task Nothing_tells_what_server_it_is()
    {
        using var answer = await shared.Site.GetAsync("/api/status");

        Assert.False(answer.Headers.Contains("Server"));
    }
}
