using System.Net;
using ActorServer.Core;
using ActorServer.EndToEnd.Tests.Admin;
using ActorServer.TestKit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ActorServer.EndToEnd.Tests.Limits;

/// <summary>Limits that change while the node runs: by the configuration, and by the admin API.</summary>
public sealed class LimitChangeSpecs
{
    private static readonly string[] Fields =
    [
        "maxConnections", "whenFull", "maxConnectionsPerPeer", "maxConnectionAge", "maxConnectionAgeGrace",
        "maxRequestsPerConnection", "keepAliveTime", "keepAliveInterval", "keepAliveRetryCount", "advertiseKeepAlive",
    ];

    [Fact]
    [Trait("Conformance", "95")]
    public async Task A_configuration_that_is_read_again_changes_them()
    {
        LogLines log = new();
        await using var server = await TestApplication.StartAsync(configure: builder =>
        {
            builder.Logging.AddProvider(log);
            builder.Configuration.AddInMemoryCollection([new("ActorServer:Limits:MaxConnections", "1")]);
        });
        await using var first = await RawClient.ConnectAsync(server.Address);
        await first.GetAsync("/hello");
        await using var second = await RawClient.ConnectAsync(server.Address);
        await second.SendGetAsync("/hello");
        var configuration = (IConfigurationRoot)server.Services.GetRequiredService<IConfiguration>();

        configuration["ActorServer:Limits:MaxConnections"] = "2";
        configuration.Reload();

        Assert.Equal("hello", (await second.ReadResponseAsync()).Body);
        Assert.Contains(log.Own, l => l == "Limits changed by the configuration: MaxConnections from 1 to 2.");

        configuration["ActorServer:Limits:MaxConnections"] = "many";
        configuration.Reload();

        Assert.Equal(2, server.Server.Limits.MaxConnections);
        Assert.Contains(log.Own, l => l.Contains("cannot be \"many\"", StringComparison.Ordinal));

        // What an operator has set stands, until the configuration's limits are others.
        configuration["ActorServer:Limits:MaxConnections"] = "2";
        server.Server.ChangeLimits(server.Server.Limits with { MaxConnections = 5 }, "a test");
        configuration.Reload();
        Assert.Equal(5, server.Server.Limits.MaxConnections);
        configuration["ActorServer:Limits:MaxConnections"] = "none";
        configuration.Reload();
        Assert.Null(server.Server.Limits.MaxConnections);
    }

    [Fact]
    public async Task The_admin_side_shows_them_and_a_patch_changes_what_it_names()
    {
        LogLines log = new();
        await using var site = await AdminSite.StartAsync(configure: b => b.Logging.AddProvider(log));

        var before = await site.ReadAsync("/api/limits");
        using var patched = await site.SendAsync(
            HttpMethod.Patch, "/api/limits", """{"maxConnections":10,"whenFull":"Refuse","maxConnectionAge":"1h","advertiseKeepAlive":true}""");
        var after = await patched.JsonAsync(HttpStatusCode.OK);

        Assert.Equal(Fields, before.Names());
        Assert.Equal(
            """
            {"maxConnections":10,"whenFull":"Refuse","maxConnectionsPerPeer":null,"maxConnectionAge":"1h",
            "maxConnectionAgeGrace":"infinite","maxRequestsPerConnection":null,"keepAliveTime":"infinite",
            "keepAliveInterval":"15s","keepAliveRetryCount":9,"advertiseKeepAlive":true}
            """.ReplaceLineEndings(""),
            after.GetRawText());
        Assert.Equal(after.GetRawText(), (await site.ReadAsync("/api/limits")).GetRawText());
        Assert.Equal(LimitSettings.None with
        {
            MaxConnections = 10,
            WhenFull = WhenFull.Refuse,
            MaxConnectionAge = TimeSpan.FromHours(1),
            AdvertiseKeepAlive = true,
        }, site.Server.Limits);
        Assert.Contains(log.Own, l => l.StartsWith("PATCH /api/limits by anybody from 127.0.0.1:", StringComparison.Ordinal));
        Assert.Contains(log.Own, l => l.StartsWith("Limits changed by the admin API: MaxConnections from none to 10, ", StringComparison.Ordinal));

        using var undone = await site.SendAsync(HttpMethod.Patch, "/api/limits", """{"maxConnections":null,"maxConnectionAge":null}""");
        Assert.Equal(
            LimitSettings.None with { WhenFull = WhenFull.Refuse, AdvertiseKeepAlive = true }, site.Server.Limits);
    }

    [Fact]
    public async Task What_is_shown_can_be_put_and_what_a_put_leaves_out_is_off()
    {
        await using var site = await AdminSite.StartAsync();
        using var __ = await site.SendAsync(HttpMethod.Patch, "/api/limits", """{"maxConnections":10,"keepAliveTime":"1m"}""");
        var limits = site.Server.Limits;
        var shown = (await site.ReadAsync("/api/limits")).GetRawText();
        site.Server.ChangeLimits(LimitSettings.None, "a test");

        using var put = await site.SendAsync(HttpMethod.Put, "/api/limits", shown);
        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        Assert.Equal(limits, site.Server.Limits);

        using var less = await site.SendAsync(HttpMethod.Put, "/api/limits", """{"maxConnections":7}""");
        Assert.Equal(LimitSettings.None with { MaxConnections = 7 }, site.Server.Limits);
    }

    [Theory]
    [InlineData("""{"maxConnections":0}""", "ActorServer:Limits:MaxConnections cannot be \"0\"; allowed: 1 to 10000000 or none.")]
    [InlineData("""{"maxConnections":-1}""", "cannot be \"-1\"; allowed: 1 to 10000000 or none.")]
    [InlineData("""{"maxConnectionAge":"-1s"}""", "cannot be \"-1s\"")]
    [InlineData("""{"maxConnections":1.5}""", "1.5")]
    [InlineData("""{"maxConnections":[1]}""", "cannot be \"[1]\"")]
    [InlineData("""{"maxConnectionsPerPeer":5,"maxConnectionAge":"soon"}""", "write 500ms")]
    [InlineData("""{"whenFull":"Later"}""", "Throttle, Refuse")]
    [InlineData("""{"maxConnection":5}""", "maxConnection is not a limit")]
    [InlineData("""{"maxConnections":5,"maxConnections":6}""", "not JSON")]
    [InlineData("[]", "JSON object")]
    [InlineData("", "not JSON")]
    public async Task A_bad_value_changes_nothing_and_is_explained(string body, string says)
    {
        await using var site = await AdminSite.StartAsync();

        using var answer = await site.SendAsync(HttpMethod.Patch, "/api/limits", body);

        await answer.ProblemAsync(400, says);
        Assert.Equal(LimitSettings.None, site.Server.Limits);
    }

    [Theory]
    [InlineData("PATCH")]
    [InlineData("PUT")]
    public async Task A_change_needs_the_token_and_reading_does_not(string method)
    {
        await using var site = await AdminSite.StartAsync(admin: o => o.Token = AdminSite.Token);

        using var stranger = await site.SendAsync(new(method), "/api/limits", """{"maxConnections":5}""");
        using var operatorOf = await site.SendAsync(new(method), "/api/limits", """{"maxConnections":6}""", AdminSite.Token);

        await stranger.ProblemAsync(401, "token");
        Assert.Equal(6, (await site.ReadAsync("/api/limits")).Number("maxConnections"));
    }
}
