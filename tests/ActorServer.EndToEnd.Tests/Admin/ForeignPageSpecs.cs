using ActorServer.TestKit;

namespace ActorServer.EndToEnd.Tests.Admin;

/// <summary>A browser sends the name it was told: a page that rebinds it to this address gives itself away.</summary>
public sealed class ForeignPageSpecs(SharedSite shared) : IClassFixture<SharedSite>
{
    [Theory]
    [InlineData("lb.internal")]
    [InlineData("")]
    public async Task Balancers_ask_for_health_by_any_name_or_none(string host)
    {
        foreach (var path in (string[])["/livez", "/readyz"])
        {
            await using var client = await RawClient.ConnectAsync(shared.Site.Address);
            await client.SendAsync($"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n");

            Assert.Equal(200, (await client.ReadResponseAsync()).Status);
        }
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("localhost.evil.example")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("evil.example:5081")]
    [InlineData("")]
    public async Task A_foreign_host_gets_nothing(string host)
    {
        var site = shared.Site;

        foreach (var request in (string[])["GET /api/status", "POST /api/drain", "GET /nowhere"])
        {
            await using var client = await RawClient.ConnectAsync(site.Address);
            await client.SendAsync($"{request} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n");
            var response = await client.ReadResponseAsync();

            Assert.Equal(403, response.Status);
            Answers.ReadProblem(response.Body, 403, "address");
        }

        Assert.Equal("Serving", (await site.ReadAsync("/api/status")).Text("phase"));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:5081")]
    [InlineData("192.0.2.7")]
    [InlineData("[::1]:5081")]
    [InlineData("localhost")]
    [InlineData("LOCALHOST:80")]
    [InlineData("{machine}:5081")]
    public async Task An_address_and_the_machines_own_names_are_no_strangers(string host)
    {
        var site = shared.Site;
        await using var client = await RawClient.ConnectAsync(site.Address);

        var name = host.Replace("{machine}", Environment.MachineName, StringComparison.Ordinal);
        await client.SendAsync($"GET /api/status HTTP/1.1\r\nHost: {name}\r\n\r\n");

        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
    }

    [Theory]
    [InlineData("http://evil.example")]
    [InlineData("null")]
    [InlineData("https://{own}")]
    [InlineData("http://localhost:1")]
    [InlineData("http://{own}.evil.example")]
    [InlineData("http://{own}, http://evil.example")]
    public async Task A_foreign_origin_gets_nothing(string origin)
    {
        var site = shared.Site;

        foreach (var method in (string[])["GET /api/status", "POST /api/drain", "OPTIONS /api/drain"])
        {
            var response = await SendAsync(site, method, origin);

            Assert.Equal(403, response.Status);
            Answers.ReadProblem(response.Body, 403);
            Assert.Empty(response.Headers["Access-Control-Allow-Origin"]);
        }

        Assert.Equal("Serving", (await site.ReadAsync("/api/status")).Text("phase"));
    }

    [Theory]
    [InlineData("http://{own}")]
    [InlineData("HTTP://{own}")]
    public async Task Its_own_page_may_read_and_change(string origin)
    {
        await using var site = await AdminSite.StartAsync();

        Assert.Equal(200, (await SendAsync(site, "GET /api/status", origin)).Status);
        Assert.Equal(202, (await SendAsync(site, "POST /api/drain", origin)).Status);
    }

    private static async Task<RawResponse> SendAsync(AdminSite site, string request, string origin)
    {
        await using var client = await RawClient.ConnectAsync(site.Address);
        var own = site.Address.Authority;
        await client.SendAsync(
            $"{request} HTTP/1.1\r\nHost: {own}\r\nOrigin: {origin.Replace("{own}", own, StringComparison.Ordinal)}\r\n"
            + "Content-Length: 0\r\n\r\n");
        return await client.ReadResponseAsync();
    }
}
