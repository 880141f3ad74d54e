using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ActorServer.EndToEnd.Tests.Limits;

/// <summary>TCP's keep-alive, which finds out who is lost, and HTTP's, which says how long a connection may be idle.</summary>
public sealed class KeepAliveSpecs
{
    [Fact]
    [Trait("Conformance", "118")]
    public async Task Accepted_sockets_have_the_options_that_are_set()
    {
        await using var server = await StartAsync(LimitSetup.Limit(l =>
            (l.KeepAliveTime, l.KeepAliveInterval, l.KeepAliveRetryCount) = (TimeSpan.FromSeconds(42), TimeSpan.FromMilliseconds(6500), 5)));
        await using var client = await RawClient.ConnectAsync(server.Address);

        Assert.Equal("True 42 7 5", (await client.GetAsync("/socket")).Body);

        server.Server.ChangeLimits(server.Server.Limits with { KeepAliveTime = TimeSpan.FromMinutes(1) }, "a test");
        await using var young = await RawClient.ConnectAsync(server.Address);
        Assert.Equal("True 60 7 5", (await young.GetAsync("/socket")).Body);
    }

    [Fact]
    [Trait("Conformance", "118")]
    public async Task Without_them_the_system_has_its_way()
    {
        await using var server = await StartAsync(_ => { });
        await using var client = await RawClient.ConnectAsync(server.Address);

        Assert.StartsWith("False ", (await client.GetAsync("/socket")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answers_say_how_long_a_connection_may_be_idle_until_it_is_announced_that_it_ends()
    {
        await using var server = await StartAsync(
            LimitSetup.Limit(l => l.AdvertiseKeepAlive = true)
                + TestApplication.Kestrel(k => k.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(77.5)));
        await using var client = await RawClient.ConnectAsync(server.Address);

        Assert.Equal(["timeout=77"], (await client.GetAsync("/hello")).Headers["Keep-Alive"]);
        Assert.Equal(["own"], (await client.GetAsync("/own")).Headers["Keep-Alive"]);
        var last = await client.GetAsync("/hello", "Connection: close\r\n");
        Assert.Equal(([], true), (last.Headers["Keep-Alive"].ToArray(), last.AnnouncesClose));
    }

    [Theory]
    [InlineData(5, "timeout=5")]
    [InlineData(1000, "timeout=130")]
    [InlineData(1, "timeout=1")]
    public async Task Whoever_obeys_never_meets_the_close_of_a_drain(int lameDuck, string keepAlive)
    {
        await using var server = await TestApplication.StartAsync(
            configure: LimitSetup.Limit(l => l.AdvertiseKeepAlive = true), drain: d => d.LameDuck = TimeSpan.FromSeconds(lameDuck));
        await using var client = await RawClient.ConnectAsync(server.Address);

        Assert.Equal([keepAlive], (await client.GetAsync("/hello")).Headers["Keep-Alive"]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(900)]
    public async Task Less_than_a_second_cannot_be_said_and_nothing_longer_is_promised(int lameDuckMilliseconds)
    {
        await using var server = await TestApplication.StartAsync(
            configure: LimitSetup.Limit(l => l.AdvertiseKeepAlive = true),
            drain: d => d.LameDuck = TimeSpan.FromMilliseconds(lameDuckMilliseconds));
        await using var client = await RawClient.ConnectAsync(server.Address);

        Assert.Empty((await client.GetAsync("/hello")).Headers["Keep-Alive"]);
    }

    [Fact]
    public async Task Without_being_told_no_answer_says_anything()
    {
        await using var server = await StartAsync(_ => { });
        await using var client = await RawClient.ConnectAsync(server.Address);

        Assert.Empty((await client.GetAsync("/hello")).Headers["Keep-Alive"]);
    }

    private static Task<StartedServer> StartAsync(Action<WebApplicationBuilder> configure)
        => TestApplication.StartAsync(
            map: app =>
            {
                app.MapGet("/socket", (HttpContext context) =>
                {
                    var socket = context.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket;
                    return $"{(int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive)! != 0} "
                        + string.Join(' ', ((SocketOptionName[])[
                            SocketOptionName.TcpKeepAliveTime, SocketOptionName.TcpKeepAliveInterval, SocketOptionName.TcpKeepAliveRetryCount,
                        ]).Select(o => socket.GetSocketOption(SocketOptionLevel.Tcp, o)));
                });
                app.MapGet("/own", (HttpContext context) =>
                {
                    context.Response.Headers.KeepAlive = "own";
                    return "own";
                });
            },
            configure: configure,
            drain: static d => d.LameDuck = TimeSpan.FromMinutes(5));
}
