using System.Net;
using System.Net.Sockets;
using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using static ActorServer.Core.ConnectionState;

namespace ActorServer.EndToEnd.Tests.Limits;

/// <summary>No peer takes more than its share.</summary>
public sealed class PerPeerSpecs
{
    [Theory]
    [InlineData("http://127.0.0.1:0")]
    [InlineData("http://[::]:0")]
    public async Task A_peer_that_has_had_its_share_is_refused_and_others_are_not(string url)
    {
        await using var server = await TestApplication.StartAsync(
            configure: LimitSetup.Limit(l => l.MaxConnectionsPerPeer = 2) + (b => b.WebHost.UseUrls(url)));
        await using var first = await FromAsync(server, "127.0.0.1");
        await using var second = await FromAsync(server, "127.0.0.1");
        Assert.Equal("hello", (await first.GetAsync("/hello")).Body);
        Assert.Equal("hello", (await second.GetAsync("/hello")).Body);

        await using (var third = await FromAsync(server, "127.0.0.1"))
        {
            Assert.Equal("", await third.ReadToEndAsync());
        }

        await using var other = await FromAsync(server, "127.0.0.2");
        Assert.Equal("hello", (await other.GetAsync("/hello")).Body);
        var refused = Assert.Single(await server.Transitions.ReachAsync(Closed));
        Assert.Equal(EndReason.Rejected, (await server.ConnectionAsync(refused)).EndReason);

        await second.DisposeAsync();
        await server.Transitions.ReachAsync(Closed, 2);
        await using var next = await FromAsync(server, "127.0.0.1");
        Assert.Equal("hello", (await next.GetAsync("/hello")).Body);
    }

    [Fact]
    [Trait("Conformance", "96")]
    public async Task An_upgraded_connection_keeps_its_part_of_its_peers_share()
    {
        await using var server = await TestApplication.StartAsync(
            map: app => app.MapGet("/upgrade", async (HttpContext context) =>
            {
                await using var stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
                await stream.ReadExactlyAsync(new byte[1]);
            }),
            configure: LimitSetup.Limit(l => l.MaxConnectionsPerPeer = 1));
        await using var upgraded = await FromAsync(server, "127.0.0.1");
        await upgraded.GetAsync("/upgrade", "Connection: Upgrade\r\nUpgrade: echo\r\n");
        await server.Transitions.ReachAsync(Upgraded);

        await using (var second = await FromAsync(server, "127.0.0.1"))
        {
            Assert.Equal("", await second.ReadToEndAsync());
        }

        await upgraded.SendAsync("x");
        await upgraded.ReadEndAsync();
        await server.Transitions.ReachAsync(Closed, 2);
        await using var third = await FromAsync(server, "127.0.0.1");
        Assert.Equal("hello", (await third.GetAsync("/hello")).Body);
    }

    [Fact]
    [Trait("Conformance", "95")]
    public async Task A_share_that_is_set_while_the_node_runs_counts_those_that_are_there()
    {
        await using var server = await TestApplication.StartAsync();
        await using var first = await FromAsync(server, "127.0.0.1");
        await first.GetAsync("/hello");

        server.Server.ChangeLimits(server.Server.Limits with { MaxConnectionsPerPeer = 1 }, "a test");

        await using var second = await FromAsync(server, "127.0.0.1");
        Assert.Equal("", await second.ReadToEndAsync());
        Assert.Equal("hello", (await first.GetAsync("/hello")).Body);
    }

    private static async Task<RawClient> FromAsync(StartedServer server, string address)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, server.Address.Port));
        return RawClient.Over(socket, new NetworkStream(socket, ownsSocket: true));
    }
}
