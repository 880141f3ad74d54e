using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using static ActorServer.Core.ConnectionState;

namespace ActorServer.EndToEnd.Tests;

/// <summary>Connections that Kestrel's own limits turn away.</summary>
public sealed class RejectedSpecs
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_beyond_the_limit_is_New_and_then_Closed_and_counted_as_rejected(bool tls)
    {
        await using var server = await TestApplication.StartAsync(
            configure: TestApplication.Listen(tls) + TestApplication.Kestrel(k => k.Limits.MaxConcurrentConnections = 1));
        await using var first = await RawClient.ConnectAsync(server.Address);
        await first.GetAsync("/hello");

        await using (var second = await RawClient.ConnectAsync(new Uri($"http://127.0.0.1:{server.Address.Port}")))
        {
            Assert.Equal("", await second.ReadToEndAsync());
        }

        var id = Assert.Single(await server.Transitions.ReachAsync(Closed));
        Assert.Equal([New, Closed], server.Transitions.States(id));
        Assert.Equal(EndReason.Rejected, (await server.ConnectionAsync(id)).EndReason);
        Assert.Equal(200, (await first.GetAsync("/hello")).Status);
        var totals = (await server.Server.StatusAsync()).Totals;
        Assert.Equal((2L, 1L, 1L), (totals.Accepted, totals.Closed, totals.Rejected));
    }

    [Fact]
    public async Task Connections_within_the_limit_end_as_ever()
    {
        await using var server = await TestApplication.StartAsync(
            configure: TestApplication.Kestrel(k => k.Limits.MaxConcurrentConnections = 1));
        for (var i = 1; i <= 3; i++)
        {
            await using (var client = await RawClient.ConnectAsync(server.Address))
            {
                await client.GetAsync("/hello", "Connection: close\r\n");
                await client.ReadEndAsync();
            }

            await server.Transitions.ReachAsync(Closed, i);
        }

        Assert.Equal(new NodeTotals(Accepted: 3, Closed: 3, Requests: 3), (await server.Server.StatusAsync()).Totals);
    }

    [Fact]
    [Trait("Conformance", "48")]
    public async Task An_upgraded_connection_leaves_its_place_to_a_plain_one()
    {
        await using var server = await TestApplication.StartAsync(
            map: app => app.MapGet("/upgrade", async (HttpContext context) =>
            {
                await using var stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
                await stream.ReadExactlyAsync(new byte[1]);
            }),
            configure: TestApplication.Kestrel(k => k.Limits.MaxConcurrentConnections = 1));
        await using var upgraded = await RawClient.ConnectAsync(server.Address);
        await upgraded.GetAsync("/upgrade", "Connection: Upgrade\r\nUpgrade: echo\r\n");
        await server.Transitions.ReachAsync(Upgraded);
        await using var plain = await RawClient.ConnectAsync(server.Address);
        await plain.GetAsync("/hello");

        await using var tooMany = await RawClient.ConnectAsync(server.Address);

        Assert.Equal("", await tooMany.ReadToEndAsync());
        await server.Transitions.ReachAsync(Closed);
        var status = await server.Server.StatusAsync();
        Assert.Equal((1, 1), (status.Connections.Upgraded, status.Connections.Total - status.Connections.Upgraded));
        Assert.Equal(1, status.Totals.Rejected);
        await upgraded.SendAsync("x");
        await upgraded.ReadEndAsync();
        await server.Transitions.ReachAsync(Closed, 2);
        Assert.Equal(1, (await server.Server.StatusAsync()).Totals.Rejected);
    }

    [Fact]
    public async Task An_upgrade_beyond_its_own_limit_is_a_request_like_any_other()
    {
        await using var server = await TestApplication.StartAsync(
            map: app => app.MapGet("/upgrade", async (HttpContext context) =>
            {
                await using var stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
            }),
            configure: TestApplication.Kestrel(k => k.Limits.MaxConcurrentUpgradedConnections = 0));
        await using var client = await RawClient.ConnectAsync(server.Address);

        var response = await client.GetAsync("/upgrade", "Connection: Upgrade\r\nUpgrade: echo\r\n");

        Assert.Equal(500, response.Status);
        var id = Assert.Single(await server.Transitions.ReachAsync(New));
        await server.Transitions.ExpectAsync(id, New, Active, Idle);
        Assert.Equal(0, (await server.Server.StatusAsync()).Totals.Rejected);
    }
}
