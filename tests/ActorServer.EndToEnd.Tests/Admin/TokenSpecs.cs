using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using ActorServer.TestKit;

namespace ActorServer.EndToEnd.Tests.Admin;

public sealed class TokenSpecs(SharedSiteWithToken shared) : IClassFixture<SharedSiteWithToken>
{
    [Theory]
    [InlineData("/api/drain")]
    [InlineData("/api/connections/x/close")]
    [InlineData("/api/connections/x/abort")]
    [InlineData("/api/nothing-yet")]
    public async Task Whatever_changes_anything_needs_the_token(string path)
    {
        var site = shared.Site;

        const string right = AdminSite.Token;
        foreach (var token in (string?[])[null, "wrong", right + "x", right[1..], right.ToUpperInvariant()])
        {
            using var answer = await site.SendAsync(HttpMethod.Post, path, token: token);
            await answer.ProblemAsync(401, "ActorServer:Admin:Token", "Bearer");
            Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.Single().Scheme);
            Assert.DoesNotContain(right, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Equal("Serving", (await site.ReadAsync("/api/status")).Text("phase"));
    }

    [Theory]
    [InlineData("Bearer {0}", 202)]
    [InlineData("bearer {0}", 202)]
    [InlineData("Bearer  {0} ", 202)]
    [InlineData("Basic {0}", 401)]
    [InlineData("{0}", 401)]
    [InlineData("Bearer", 401)]
    [InlineData("Bearer ", 401)]
    [InlineData("Bearer {0}\r\nAuthorization: Bearer {0}", 401)]
    public async Task The_token_is_a_bearers(string authorization, int status)
    {
        await using var site = await AdminSite.StartAsync(options => options.Token = AdminSite.Token);
        await using var client = await RawClient.ConnectAsync(site.Address);

        var header = string.Format(System.Globalization.CultureInfo.InvariantCulture, authorization, AdminSite.Token);
        await client.SendAsync(
            $"POST /api/drain HTTP/1.1\r\nHost: localhost\r\nAuthorization: {header}\r\nContent-Length: 0\r\n\r\n");

        Assert.Equal(status, (await client.ReadResponseAsync()).Status);
    }

    [Theory]
    [InlineData("/livez")]
    [InlineData("/readyz")]
    [InlineData("/api/status")]
    [InlineData("/api/connections")]
    public async Task Reading_is_open_on_loopback(string path)
    {
        var site = shared.Site;

        using var answer = await site.GetAsync(path);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("/livez", null, true)]
    [InlineData("/readyz", null, true)]
    [InlineData("/api/status", null, false)]
    [InlineData("/api/connections", "wrong", false)]
    [InlineData("/api/status", AdminSite.Token, true)]
    public async Task Beyond_loopback_reading_needs_the_token_from_elsewhere_and_health_is_open(
        string path, string? token, bool openToAll)
    {
        await using var site = await AdminSite.StartAsync(
            options => (options.Url, options.Token) = ("http://0.0.0.0:0", AdminSite.Token));

        foreach (var address in OwnAddresses())
        {
            await using var client = await RawClient.ConnectAsync(new IPEndPoint(address, site.Address.Port));
            var answer = await client.GetAsync(path, token is null ? "" : $"Authorization: Bearer {token}\r\n");
            Assert.Equal((address, openToAll || IPAddress.IsLoopback(address) ? 200 : 401), (address, answer.Status));
        }
    }

    [Fact]
    public async Task Beyond_loopback_without_a_token_all_is_open_once_that_is_said_aloud()
    {
        await using var site = await AdminSite.StartAsync(
            options => (options.Url, options.AllowAnonymous) = ("http://0.0.0.0:0", true));

        foreach (var address in OwnAddresses())
        {
            await using var client = await RawClient.ConnectAsync(new IPEndPoint(address, site.Address.Port));
            Assert.Equal((address, 200), (address, (await client.GetAsync("/api/status")).Status));
            await client.SendAsync(
                "POST /api/connections/x/close HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
            Assert.Equal((address, 404), (address, (await client.ReadResponseAsync()).Status));
        }
    }

    // Loopback, and whatever else the machine has: to a server a connection to one of those comes from there.
    private static IEnumerable<IPAddress> OwnAddresses() => NetworkInterface.GetAllNetworkInterfaces()
        .Where(i => i.OperationalStatus == OperationalStatus.Up)
        .SelectMany(i => i.GetIPProperties().UnicastAddresses)
        .Select(a => a.Address)
        .Where(a => a.AddressFamily == AddressFamily.InterNetwork)
        .Append(IPAddress.Loopback)
        .Distinct();
}
