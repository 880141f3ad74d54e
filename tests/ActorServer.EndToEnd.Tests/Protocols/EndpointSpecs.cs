using System.Net;
using System.Net.Sockets;
using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Hosting;
using static ActorServer.Core.ConnectionState;

namespace ActorServer.EndToEnd.Tests;

/// <summary>Whatever an application listens on: each connection is tracked, and a drain closes every port.</summary>
public sealed class EndpointSpecs
{
    [Fact]
    public async Task A_Unix_socket()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await using var server = await TestApplication.StartAsync(configure: TestApplication.Kestrel(k => k.ListenUnixSocket(path)));
        await using var client = await RawClient.ConnectAsync(new UnixDomainSocketEndPoint(path));

        Assert.Equal("hello", (await client.GetAsync("/hello")).Body);
        await server.Transitions.ReachAsync(Idle);
        var report = await server.Server.DrainAsync();

        Assert.Equal((1, 1, 0), (report.Initial, report.Closed, report.Remaining));
        Assert.Equal("", await client.ReadToEndAsync());
        Assert.False(File.Exists(path));
        var end = await server.EndOfTheOnlyConnectionAsync(New, Active, Idle, Closed);
        Assert.Equal((EndReason.Closed, 1L), (end.EndReason, end.Requests));
        Assert.Null(end.Peer);
        Assert.Equal(path, end.Local);
    }

    [Fact]
    public async Task A_client_of_a_Unix_socket_that_is_lost_with_its_request_in_flight()
    {
        Held held = new();
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await using var server = await TestApplication.StartAsync(held, configure: TestApplication.Kestrel(k => k.ListenUnixSocket(path)));
        await using (var client = await RawClient.ConnectAsync(new UnixDomainSocketEndPoint(path)))
        {
            await client.SendGetAsync("/held");
            await held.EnteredAsync();
        }

        var end = await server.EndOfTheOnlyConnectionAsync(New, Active, Closed);
        Assert.Equal(EndReason.ClientClosed, end.EndReason);
    }

    [Fact]
    public async Task Several_endpoints_of_one_server()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await using var server = await TestApplication.StartAsync(configure: TestApplication.Kestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.UseHttps(Certificates.Localhost));
            kestrel.Listen(IPAddress.IPv6Loopback, 0);
            kestrel.ListenUnixSocket(path);
        }));
        var tcp = server.Addresses.Take(3).ToList();
        await using var plain = await RawClient.ConnectAsync(tcp[0]);
        await using var tls = await RawClient.ConnectAsync(tcp[1]);
        await using var v6 = await RawClient.ConnectAsync(new IPEndPoint(IPAddress.IPv6Loopback, tcp[2].Port));
        await using var unix = await RawClient.ConnectAsync(new UnixDomainSocketEndPoint(path));
        RawClient[] clients = [plain, tls, v6, unix];
        foreach (var client in clients)
        {
            Assert.Equal("hello", (await client.GetAsync("/hello")).Body);
        }

        await server.Transitions.ReachAsync(Idle, 4);
        var connections = (await server.Server.ConnectionsAsync()).Items;
        var report = await server.Server.DrainAsync();

        Assert.Equal(
            [$"127.0.0.1:{tcp[0].Port}", $"127.0.0.1:{tcp[1].Port}", $"[::1]:{tcp[2].Port}", path], connections.Select(c => c.Local));
        Assert.Equal([plain.LocalEnd, tls.LocalEnd, v6.LocalEnd, null], connections.Select(c => c.Peer));
        Assert.Equal([false, true, false, false], connections.Select(c => c.Tls));
        Assert.Equal((4, 4, 0), (report.Initial, report.Closed, report.Remaining));
        foreach (var client in clients)
        {
            Assert.Equal("", await client.ReadToEndAsync());
        }

        await TestApplication.AssertRefusesAsync(new IPEndPoint(IPAddress.Loopback, tcp[0].Port));
        await TestApplication.AssertRefusesAsync(new IPEndPoint(IPAddress.Loopback, tcp[1].Port));
        await TestApplication.AssertRefusesAsync(new IPEndPoint(IPAddress.IPv6Loopback, tcp[2].Port));
    }

    [Fact]
    public async Task Localhost_is_two_ports_and_both_close()
    {
        var port = FindPort();
        await using var server = await TestApplication.StartAsync(configure: TestApplication.Kestrel(k => k.ListenLocalhost(port)));
        IPEndPoint[] ends = [new(IPAddress.Loopback, port), new(IPAddress.IPv6Loopback, port)];
        foreach (var end in ends)
        {
            await using var client = await RawClient.ConnectAsync(end);
            Assert.Equal("hello", (await client.GetAsync("/hello")).Body);
        }

        await server.Transitions.ReachAsync(Closed, 2);
        await server.Server.DrainAsync();

        foreach (var end in ends)
        {
            await TestApplication.AssertRefusesAsync(end);
        }
    }

    [Fact]
    public async Task A_dual_stack_port_names_its_peers_as_they_are()
    {
        await using var server = await TestApplication.StartAsync(configure: TestApplication.Kestrel(k => k.ListenAnyIP(0)));
        var port = server.Address.Port;
        await using var v4 = await RawClient.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
        await using var v6 = await RawClient.ConnectAsync(new IPEndPoint(IPAddress.IPv6Loopback, port));
        await server.Transitions.ReachAsync(New, 2);

        var peers = (await server.Server.ConnectionsAsync()).Items.Select(c => c.Peer).ToList();
        var byAddress = await server.Server.ConnectionsAsync(new ConnectionQuery(Peer: "127.0.0.1"));
        await server.Server.DrainAsync();

        Assert.Equal([v4.LocalEnd, v6.LocalEnd], peers);
        Assert.Equal(v4.LocalEnd, Assert.Single(byAddress.Items).Peer);
        await TestApplication.AssertRefusesAsync(new IPEndPoint(IPAddress.Loopback, port));
        await TestApplication.AssertRefusesAsync(new IPEndPoint(IPAddress.IPv6Loopback, port));
    }

    // Kestrel does not find a port for localhost by itself. Nobody else takes one that was free a moment ago.
    private static int FindPort()
    {
        using Socket socket = new(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
