using System.Net.WebSockets;
using System.Reflection;
using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ActorServer.EndToEnd.Tests.Goodbyes;

/// <summary>Only requests for a WebSocket are touched, and nothing that ASP.NET's middleware does is bypassed.</summary>
[Trait("Conformance", "116")]
public sealed class UpgradeFeatureSpecs
{
    private static readonly Assembly Kestrel = typeof(KestrelServerOptions).Assembly;

    [Fact]
    public async Task Another_protocols_upgrade_is_Kestrels_own()
    {
        Assembly? feature = null, stream = null;
        await using var server = await TestApplication.StartAsync(map: app => OtherUpgrade.Map(app, "/foo", (features, upgraded) =>
        {
            feature = features.Get<IHttpUpgradeFeature>()!.GetType().Assembly;
            stream = upgraded.GetType().Assembly;
        }));
        await using var client = await RawClient.ConnectAsync(server.Address);
        Assert.Equal(101, (await client.GetAsync("/foo", OtherUpgrade.Headers)).Status);

        // Bytes that would be frames of a WebSocket pass as they are, a drain or not, and the server adds none.
        await EchoAsync("\u0081\u0005hel");
        await server.Server.BeginDrainAsync(SocketApplication.Announcing);
        await server.HeardAsync();
        await EchoAsync("lo\u0088\u0000");
        client.ShutdownSend();

        Assert.Equal("", await client.ReadToEndAsync());
        Assert.Equal((Kestrel, Kestrel), (feature, stream));

        async Task EchoAsync(string bytes)
        {
            await client.SendAsync(bytes);
            Assert.Equal(bytes, await client.ReadExactAsync(bytes.Length));
        }
    }

    [Fact]
    public async Task A_plain_request_has_Kestrels_own_features()
    {
        IHttpUpgradeFeature? upgrade = null;
        await using var server = await TestApplication.StartAsync(
            map: app => app.MapGet("/plain", (HttpContext context) => upgrade = context.Features.Get<IHttpUpgradeFeature>()));
        await using var client = await RawClient.ConnectAsync(server.Address);

        await client.GetAsync("/plain");

        Assert.True(upgrade is null || upgrade.GetType().Assembly == Kestrel);
    }

    [Fact]
    public async Task A_request_for_a_WebSocket_that_the_application_answers_otherwise_is_a_plain_one()
    {
        await using var server = await TestApplication.StartAsync();
        await using var client = await RawClient.ConnectAsync(server.Address);

        var response = await client.GetAsync("/hello", "Connection: Upgrade\r\nUpgrade: websocket\r\n");

        Assert.Equal((200, "hello"), (response.Status, response.Body));
        Assert.Equal("hello", (await client.GetAsync("/hello")).Body);
        var id = Assert.Single(await server.Transitions.ReachAsync(ConnectionState.New));
        await server.Transitions.ReachAsync(id, ConnectionState.Idle, times: 2);
        Assert.DoesNotContain(ConnectionState.Upgraded, server.Transitions.States(id));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_middleware_negotiates_subprotocol_and_compression(bool http2)
    {
        string? subProtocol = null;
        await using var server = await SocketApplication.StartAsync(
            (socket, context) =>
            {
                subProtocol = socket.SubProtocol;
                return SocketApplication.EchoAsync(socket, context);
            },
            new() { SubProtocol = "chat", DangerousEnableCompression = true },
            http2 ? HttpProtocols.Http2 : HttpProtocols.Http1);
        using var client = http2 ? TestApplication.Http2(server.Address) : null;

        using var socket = await server.ConnectAsync(client, static options =>
        {
            options.AddSubProtocol("chat");
            options.DangerousDeflateOptions = new();
            options.CollectHttpResponseDetails = true;
        });
        await socket.AssertEchoesAsync();

        Assert.Equal(("chat", "chat"), (subProtocol, socket.SubProtocol));
        Assert.Contains("permessage-deflate", socket.HttpResponseHeaders!["Sec-WebSocket-Extensions"].Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_middleware_checks_origins()
    {
        await using var server = await TestApplication.StartAsync(map: static app =>
        {
            WebSocketOptions options = new();
            options.AllowedOrigins.Add("http://friend.example");
            app.UseWebSockets(options);
            app.Map("/ws", static async (HttpContext context) =>
            {
                using var socket = await context.WebSockets.AcceptWebSocketAsync();
                await SocketApplication.EchoAsync(socket, context);
            });
        });

        using var friend = await server.ConnectAsync(configure: static o => o.SetRequestHeader("Origin", "http://friend.example"));
        await friend.AssertEchoesAsync();
        await Assert.ThrowsAsync<WebSocketException>(
            () => server.ConnectAsync(configure: static o => o.SetRequestHeader("Origin", "http://foe.example")));
    }
}
