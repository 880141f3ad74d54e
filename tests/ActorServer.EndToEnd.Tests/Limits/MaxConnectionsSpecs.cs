using System.Net;
using ActorServer.Core;
using ActorServer.Kestrel;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using static ActorServer.Core.ConnectionState;

namespace ActorServer.EndToEnd.Tests.Limits;

/// <summary>No more connections at a time than are allowed.</summary>
public sealed class MaxConnectionsSpecs
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    [Fact]
    [Trait("Conformance", "94")]
    public async Task One_more_than_the_limit_waits_and_is_served_when_another_has_gone()
    {
        await using var server = await TestApplication.StartAsync(configure: LimitSetup.Limit(l => l.MaxConnections = 1));
        var first = await RawClient.ConnectAsync(server.Address);
        await first.GetAsync("/hello");
        await using var second = await RawClient.ConnectAsync(server.Address);
        await second.SendGetAsync("/hello");
        await first.GetAsync("/hello");
        await AssertAcceptedAsync(server, 1);

        await first.DisposeAsync();

        Assert.Equal("hello", (await second.ReadResponseAsync()).Body);
        Assert.Equal(0, (await server.Server.StatusAsync()).Totals.Rejected);
    }

    [Fact]
    [Trait("Conformance", "94")]
    public async Task Beyond_the_limit_a_connection_is_closed_where_that_is_asked_for_and_the_next_works()
    {
        await using var server = await TestApplication.StartAsync(
            configure: LimitSetup.Limit(l => (l.MaxConnections, l.WhenFull) = (1, WhenFull.Refuse)));
        var first = await RawClient.ConnectAsync(server.Address);
        await first.GetAsync("/hello");

        await using (var second = await RawClient.ConnectAsync(server.Address))
        {
            Assert.Equal("", await second.ReadToEndAsync());
        }

        var id = Assert.Single(await server.Transitions.ReachAsync(Closed));
        Assert.Equal([New, Closed], server.Transitions.States(id));
        Assert.Equal(EndReason.Rejected, (await server.ConnectionAsync(id)).EndReason);
        Assert.Equal(1, (await server.Server.StatusAsync()).Totals.Rejected);
        await LeaveAsync(server, first);
        await using var third = await RawClient.ConnectAsync(server.Address);
        Assert.Equal("hello", (await third.GetAsync("/hello")).Body);
    }

    [Fact]
    [Trait("Conformance", "95")]
    public async Task A_higher_limit_or_none_lets_those_in_who_wait()
    {
        await using var server = await TestApplication.StartAsync(configure: LimitSetup.Limit(l => l.MaxConnections = 2));
        List<RawClient> clients = [];
        for (var i = 0; i < 8; i++)
        {
            clients.Add(await RawClient.ConnectAsync(server.Address));
            await clients[^1].SendGetAsync("/hello");
        }

        await clients[0].ReadResponseAsync();
        await clients[1].ReadResponseAsync();
        await AssertAcceptedAsync(server, 2);

        server.Server.ChangeLimits(server.Server.Limits with { MaxConnections = 4 }, "a test");
        await clients[2].ReadResponseAsync();
        await clients[3].ReadResponseAsync();
        await AssertAcceptedAsync(server, 4);
        server.Server.ChangeLimits(server.Server.Limits with { MaxConnections = null }, "a test");
        foreach (var client in clients[4..])
        {
            Assert.Equal("hello", (await client.ReadResponseAsync()).Body);
        }

        // And back: those that are there stay, and nobody comes until they are few enough.
        server.Server.ChangeLimits(server.Server.Limits with { MaxConnections = 7 }, "a test");
        await using var late = await RawClient.ConnectAsync(server.Address);
        await late.SendGetAsync("/hello");
        await LeaveAsync(server, clients[0]);
        await clients[7].GetAsync("/hello");
        await AssertAcceptedAsync(server, 8);
        await LeaveAsync(server, clients[1]);
        Assert.Equal("hello", (await late.ReadResponseAsync()).Body);
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    [Fact]
    [Trait("Conformance", "96")]
    public async Task An_upgraded_connection_gives_its_place_once_and_is_listed_all_the_same()
    {
        await using var server = await TestApplication.StartAsync(
            map: app => app.MapGet("/upgrade", async (HttpContext context) =>
            {
                await using var stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
                await stream.ReadExactlyAsync(new byte[1]);
            }),
            configure: LimitSetup.Limit(l => (l.MaxConnections, l.WhenFull) = (1, WhenFull.Throttle)));
        await using var upgraded = await RawClient.ConnectAsync(server.Address);
        await using var plain = await RawClient.ConnectAsync(server.Address);
        await plain.SendGetAsync("/hello");

        await upgraded.GetAsync("/upgrade", "Connection: Upgrade\r\nUpgrade: echo\r\n");

        Assert.Equal("hello", (await plain.ReadResponseAsync()).Body);
        await server.Transitions.ReachAsync(Upgraded);
        Assert.Equal(2, (await server.Server.ConnectionsAsync()).Items.Count);

        // Its end gives nothing a second time: the plain one has the only place.
        await upgraded.SendAsync("x");
        await upgraded.ReadEndAsync();
        await server.Transitions.ReachAsync(Closed);
        await using var third = await RawClient.ConnectAsync(server.Address);
        await third.SendGetAsync("/hello");
        await plain.GetAsync("/hello");
        await AssertAcceptedAsync(server, 2);
        await LeaveAsync(server, plain);
        Assert.Equal("hello", (await third.ReadResponseAsync()).Body);
    }

    [Fact]
    [Trait("Conformance", "99")]
    public async Task A_drain_serves_all_who_wait_and_closes_the_port()
    {
        Held held = new();
        await using var server = await TestApplication.StartAsync(held, configure: LimitSetup.Limit(l => l.MaxConnections = 1));
        await using var first = await RawClient.ConnectAsync(server.Address);
        await first.SendGetAsync("/held");
        await held.EnteredAsync();
        List<RawClient> waiting = [];
        for (var i = 0; i < 8; i++)
        {
            waiting.Add(await RawClient.ConnectAsync(server.Address));
            await waiting[^1].SendGetAsync("/hello");
        }

        await AssertAcceptedAsync(server, 1);
        var drained = server.Server.DrainAsync(new(DrainTrigger.Code, Budget: Duration.Infinite));

        foreach (var client in waiting)
        {
            Assert.Equal("hello", (await client.ReadResponseAsync()).Body);
            Assert.Equal(RawEnd.Closed, await client.ReadEndAsync());
            await client.DisposeAsync();
        }

        held.Release();
        Assert.Equal("held", (await first.ReadResponseAsync()).Body);
        var report = await drained.WaitAsync(WaitMax);
        Assert.Equal((0, 0), (report.Aborted, report.Remaining));
        await TestApplication.AssertRefusesAsync(server.Address);
    }

    [Fact]
    [Trait("Conformance", "99")]
    public async Task A_limit_holds_again_after_a_resume()
    {
        await using var server = await TestApplication.StartAsync(configure: LimitSetup.Limit(l => l.MaxConnections = 1));
        await server.Server.SuspendAsync();
        await server.Services.GetRequiredService<ListenerGate>().CloseAsync();
        await server.Server.ResumeAsync();
        await using var first = await RawClient.ConnectAsync(server.Address);
        await first.GetAsync("/hello");
        await using var second = await RawClient.ConnectAsync(server.Address);
        await second.SendGetAsync("/hello");

        await first.GetAsync("/hello");
        await AssertAcceptedAsync(server, 1);

        await LeaveAsync(server, first);
        Assert.Equal("hello", (await second.ReadResponseAsync()).Body);
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_those_who_wait()
    {
        await using var server = await TestApplication.StartAsync(configure: LimitSetup.Limit(l => l.MaxConnections = 1));
        await using var first = await RawClient.ConnectAsync(server.Address);
        await first.GetAsync("/hello");
        await using var second = await RawClient.ConnectAsync(server.Address);

        await server.StopAsync().WaitAsync(WaitMax);

        await TestApplication.AssertRefusesAsync(server.Address);
    }

    [Fact]
    public async Task The_limit_is_that_of_all_ports_together()
    {
        await using var server = await TestApplication.StartAsync(
            configure: LimitSetup.Limit(l => l.MaxConnections = 1) + (b => b.WebHost.UseUrls("http://127.0.0.1:0", "http://[::1]:0")));
        var first = await RawClient.ConnectAsync(server.Addresses[0]);
        await first.GetAsync("/hello");
        // This port's accept was under way when the place was taken.
        await using var second = await RawClient.ConnectAsync(server.Addresses[1]);
        await second.SendGetAsync("/hello");
        await first.GetAsync("/hello");
        await AssertAcceptedAsync(server, 1);

        await first.DisposeAsync();

        Assert.Equal("hello", (await second.ReadResponseAsync()).Body);
    }

    private static async Task LeaveAsync(StartedServer server, RawClient client)
    {
        var id = await server.IdOfAsync(client);
        await client.DisposeAsync();
        await server.Transitions.ReachAsync(id, Closed);
    }

    private static async Task AssertAcceptedAsync(StartedServer server, long count)
        => Assert.Equal(count, (await server.Server.StatusAsync()).Totals.Accepted);
}
