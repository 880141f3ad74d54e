using ActorServer.Actors;
using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using static ActorServer.Core.ConnectionState;

namespace ActorServer.EndToEnd.Tests;

/// <summary>Ends that neither client nor application brings about, but an operator, or Kestrel's own watch.</summary>
public sealed class EndReasonSpecs
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_operator_closes_an_idle_connection(bool tls)
    {
        await using var server = await TestApplication.StartAsync(configure: TestApplication.Listen(tls));
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.GetAsync("/hello");
        var id = Assert.Single(await server.Transitions.ReachAsync(Idle));

        Assert.Equal(CommandResult.Accepted, await server.Server.Connection(id).CloseAsync());

        Assert.Equal("", await client.ReadToEndAsync());
        var end = await server.EndOfTheOnlyConnectionAsync(New, Active, Idle, Closed);
        Assert.Equal(EndReason.Closed, end.EndReason);
        Assert.Equal(CommandResult.Gone, await server.Server.Connection(id).CloseAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_operator_closes_a_silent_connection(bool tls)
    {
        await using var server = await TestApplication.StartAsync(configure: TestApplication.Listen(tls));
        await using var client = await RawClient.ConnectAsync(new Uri($"http://127.0.0.1:{server.Address.Port}"));
        var id = Assert.Single(await server.Transitions.ReachAsync(New));

        await server.Server.Connection(id).CloseAsync();

        // Over TLS its handshake is not done: Kestrel would wait for that, so it is cut.
        Assert.Equal(tls ? RawEnd.Reset : RawEnd.Closed, await client.ReadEndAsync());
        var end = await server.EndOfTheOnlyConnectionAsync(New, Closed);
        Assert.Equal(EndReason.Closed, end.EndReason);
    }

    [Fact]
    public async Task An_operator_closes_a_busy_connection_with_its_response()
    {
        Held held = new();
        await using var server = await TestApplication.StartAsync(held);
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendGetAsync("/held");
        await held.EnteredAsync();
        var id = Assert.Single(await server.Transitions.ReachAsync(Active));

        await server.Server.Connection(id).CloseAsync();
        await server.HeardAsync();
        held.Release();

        var response = await client.ReadResponseAsync();
        Assert.Equal(("held", true), (response.Body, response.AnnouncesClose));
        var end = await server.EndOfTheOnlyConnectionAsync(New, Active, Closed);
        Assert.Equal(EndReason.Completed, end.EndReason);
    }

    [Fact]
    public async Task An_operator_closes_an_upgraded_connection_by_telling_its_application()
    {
        await using var server = await TestApplication.StartAsync(map: app => app.MapGet("/upgrade", async (HttpContext context) =>
        {
            await using var stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
            TaskCompletionSource told = new(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = context.Features.GetRequiredFeature<IConnectionLifetimeNotificationFeature>()
                .ConnectionClosedRequested.Register(told.SetResult);
            await told.Task;
            await stream.WriteAsync("bye"u8.ToArray());
        }));
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.GetAsync("/upgrade", "Connection: Upgrade\r\nUpgrade: echo\r\n");
        var id = Assert.Single(await server.Transitions.ReachAsync(Upgraded));

        await server.Server.Connection(id).CloseAsync();

        Assert.Equal("bye", await client.ReadToEndAsync());
        var end = await server.EndOfTheOnlyConnectionAsync(New, Active, Upgraded, Closed);
        Assert.Equal(EndReason.UpgradeEnded, end.EndReason);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_operator_aborts_a_busy_connection(bool tls)
    {
        Held held = new();
        await using var server = await TestApplication.StartAsync(held, configure: TestApplication.Listen(tls));
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendGetAsync("/held");
        await held.EnteredAsync();
        var id = Assert.Single(await server.Transitions.ReachAsync(Active));

        await server.Server.Connection(id).AbortAsync();

        Assert.Equal(RawEnd.Reset, await client.ReadEndAsync());
        var end = await server.EndOfTheOnlyConnectionAsync(New, Active, Closed);
        Assert.Equal(EndReason.Aborted, end.EndReason);
        Assert.Equal(1, (await server.Server.StatusAsync()).Totals.Aborted);
    }

    [Fact]
    public async Task Nobody_can_close_a_connection_that_never_was()
    {
        await using var server = await TestApplication.StartAsync();

        Assert.Equal(CommandResult.Unknown, await server.Server.Connection("nobody").CloseAsync());
        Assert.Equal(CommandResult.Unknown, await server.Server.Connection("nobody").AbortAsync());
        Assert.Null(await server.Server.Connection("nobody").GetAsync());
    }

    [Fact]
    public async Task Kestrel_closes_a_connection_that_is_idle_for_too_long()
    {
        await using var server = await TestApplication.StartAsync(
            configure: TestApplication.Kestrel(k => k.Limits.KeepAliveTimeout = TimeSpan.FromMilliseconds(200)));
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.GetAsync("/hello");

        Assert.Equal("", await client.ReadToEndAsync());

        var end = await server.EndOfTheOnlyConnectionAsync(New, Active, Idle, Closed);
        Assert.Equal(EndReason.ServerClosed, end.EndReason);
    }

    [Theory]
    [InlineData("")]
    [InlineData("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [Trait("Conformance", "105")]
    public async Task Kestrel_closes_a_connection_whose_TLS_handshake_fails(string instead)
    {
        await using var server = await TestApplication.StartAsync(configure: TestApplication.Listen(endpoint => endpoint.UseHttps(
            new HttpsConnectionAdapterOptions
            {
                ServerCertificate = Certificates.Localhost,
                HandshakeTimeout = TimeSpan.FromMilliseconds(200),
            })));
        await using var client = await RawClient.ConnectAsync(new Uri($"http://127.0.0.1:{server.Address.Port}"));
        await client.SendAsync(instead);

        await client.ReadEndAsync();

        var end = await server.EndOfTheOnlyConnectionAsync(New, Closed);
        Assert.Equal((EndReason.ServerClosed, 0L, true), (end.EndReason, end.Requests, end.Tls));
    }

    // Half a response, and a client that does not read on: Kestrel gives it up.
    [Fact]
    public async Task Kestrel_cuts_a_connection_that_takes_its_response_too_slowly()
    {
        await using var server = await TestApplication.StartAsync(
            map: app => app.MapGet("/large", async (HttpResponse response, CancellationToken gone) =>
            {
                var block = new byte[1 << 20];
                while (true)
                {
                    await response.Body.WriteAsync(block, gone);
                }
            }),
            configure: TestApplication.Kestrel(
                k => k.Limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 1e9, gracePeriod: TimeSpan.FromSeconds(1.1))));
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendGetAsync("/large");
        await client.ReadUntilAsync("\r\n\r\n");

        var end = await server.EndOfTheOnlyConnectionAsync(New, Active, Closed);
        Assert.Equal(EndReason.Failed, end.EndReason);
    }
}
