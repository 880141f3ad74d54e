using System.Net;
using System.Net.Sockets;
using ActorServer.Core;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ActorServer.TestKit.Tests;

/// <summary>A real Kestrel with ActorServer over the transport in memory.</summary>
public sealed class InMemoryServerSpecs
{
    private const int Many = 10_000;

    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(60);

    private readonly InMemoryTransport _transport = new();
    private readonly RequestGate _gate = new();

    [Fact]
    public async Task An_HTTP_client_is_served_over_one_connection()
    {
        await using var server = await StartAsync();
        using var client = server.CreateClient();

        Assert.Equal("hello", await client.GetStringAsync("/hello"));
        Assert.Equal("hello", await client.GetStringAsync("/hello"));
        using var answer = await client.PostAsync("/length", new ByteArrayContent(new byte[300_000]));
        Assert.Equal("300000", await answer.Content.ReadAsStringAsync());

        var connection = Assert.Single((await server.Server.ConnectionsAsync()).Items);
        Assert.StartsWith("127.0.0.1:", connection.Peer, StringComparison.Ordinal);
        Assert.Equal("HTTP/1.1", connection.Protocol);
    }

    [Fact]
    public async Task HTTP2_is_served_too()
    {
        await using var server = await StartedServer.StartAsync(
            app => app.MapGet("/hello", () => "hello"),
            builder => builder.WebHost.ConfigureKestrel(k => k.ConfigureEndpointDefaults(e => e.Protocols = HttpProtocols.Http2)),
            memory: _transport);
        using var client = server.CreateClient();
        client.DefaultRequestVersion = HttpVersion.Version20;
        client.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;

        Assert.Equal(["hello", "hello"], await Task.WhenAll(client.GetStringAsync("/hello"), client.GetStringAsync("/hello")));

        Assert.Equal("HTTP/2", Assert.Single((await server.Server.ConnectionsAsync()).Items).Protocol);
    }

    [Fact]
    public async Task A_client_that_closes_and_one_that_resets_are_known_as_such()
    {
        await using var server = await StartAsync();
        await using var closing = await server.ConnectAsync();
        var closed = await server.IdOfAsync(closing);
        await closing.GetAsync("/hello");
        await using var resetting = await server.ConnectAsync();
        var reset = await server.IdOfAsync(resetting);
        await resetting.SendGetAsync("/held");
        await _gate.EnteredAsync();

        await closing.DisposeAsync();
        resetting.Reset();

        await server.Transitions.ReachAsync(ConnectionState.Closed, 2);
        Assert.Equal(EndReason.ClientClosed, (await server.Server.SnapshotAsync(closed)).EndReason);
        Assert.Equal([ConnectionState.New, ConnectionState.Active, ConnectionState.Closed], server.Transitions.States(reset));
    }

    [Fact]
    public async Task An_operator_aborts_a_connection_and_its_client_sees_a_reset()
    {
        await using var server = await StartAsync();
        await using var client = await server.ConnectAsync();
        var id = await server.IdOfAsync(client);
        await client.SendGetAsync("/held");
        await _gate.EnteredAsync();

        await server.Server.Connection(id).AbortAsync();

        Assert.Equal(RawEnd.Reset, await client.ReadEndAsync());
        await server.Transitions.ReachAsync(id, ConnectionState.Closed);
        Assert.Equal(EndReason.Aborted, (await server.Server.SnapshotAsync(id)).EndReason);
    }

    [Fact]
    public async Task A_drain_refuses_newcomers_and_a_resumed_node_lets_them_in()
    {
        await using var server = await StartAsync();
        await using var held = await server.ConnectAsync();
        await held.SendGetAsync("/held");
        await _gate.EnteredAsync();
        var drained = server.Server.DrainAsync();
        await server.Transitions.ReachAsync(NodePhase.Draining);
        await server.Server.ResumeAsync();

        await using var client = await server.ConnectAsync();
        Assert.Equal("hello", (await client.GetAsync("/hello")).Body);
        Assert.Equal(DrainPhase.Cancelled, (await drained.WaitAsync(WaitMax)).Phase);

        _gate.Open();
        await server.Server.DrainAsync().WaitAsync(WaitMax);
        await Assert.ThrowsAsync<SocketException>(server.ConnectAsync);
    }

    [Fact]
    public async Task A_request_that_nobody_has_read_keeps_its_connection_open()
    {
        // Kestrel does not get to read before the test lets it.
        await using var server = await StartedServer.StartAsync(
            app => app.MapGet("/hello", () => "hello"),
            builder => builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Use(
                next => async connection =>
                {
                    await _gate.WaitAsync();
                    await next(connection);
                }))),
            memory: _transport);
        await using var client = await server.ConnectAsync();
        var id = await server.IdOfAsync(client);
        await client.SendGetAsync("/hello");
        await _gate.EnteredAsync();

        await server.Server.Connection(id).CloseAsync();
        // Its actor answers what it is asked after that, so it has tried to close.
        await server.System.ConnectionActorAsync(id);
        _gate.Open();

        Assert.Equal("hello", (await client.ReadResponseAsync()).Body);
        Assert.Equal(RawEnd.Closed, await client.ReadEndAsync());
    }

    [Fact]
    public async Task A_drain_under_load_loses_nothing()
    {
        await using var server = await StartAsync(drain => (drain.LameDuck, drain.IdleGrace) = (TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(3)));
        var loops = Enumerable.Range(0, 50).Select(_ => Task.Run(() => LoopAsync(server))).ToList();
        await server.Transitions.ReachAsync(ConnectionState.Idle, 50);

        var report = await server.Server.DrainAsync().WaitAsync(WaitMax);

        var answered = await Task.WhenAll(loops).WaitAsync(WaitMax);
        Assert.Equal(0, report.Aborted);
        Assert.All(answered, count => Assert.NotEqual(0, count));
    }

    [Fact]
    public async Task Ten_thousand_connections_are_opened_served_and_drained()
    {
        await using var server = await StartAsync();
        List<InMemoryConnection> clients = new(Many);
        IPEndPoint endPoint = new(IPAddress.Loopback, server.Address.Port);
        var request = "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray();
        for (var i = 0; i < Many; i++)
        {
            clients.Add(await _transport.ConnectAsync(endPoint));
            await clients[i].WriteAsync(request);
        }

        var buffer = new byte[4096];
        foreach (var client in clients)
        {
            Assert.NotEqual(0, await client.ReadAsync(buffer));
        }

        var report = await server.Server.DrainAsync().WaitAsync(WaitMax);

        // Some have had their answer before their actor has said so: they count as completed.
        Assert.Equal((Many, Many, 0), (report.Initial, report.Closed + report.Completed, report.Aborted));
        foreach (var client in clients)
        {
            // What may be left of its answer, and then the end: a reset would throw.
            await client.CopyToAsync(Stream.Null).WaitAsync(WaitMax);
        }
    }

    // Asks again and again until its connection's close is announced; a request that is not answered throws.
    private static async Task<int> LoopAsync(StartedServer server)
    {
        await using var client = await server.ConnectAsync();
        for (var answered = 1; ; answered++)
        {
            var answer = await client.GetAsync("/hello");
            if (answer.AnnouncesClose)
            {
                return answered;
            }
        }
    }

    private Task<StartedServer> StartAsync(Action<DrainOptions>? drain = null) => StartedServer.StartAsync(
        app =>
        {
            app.MapGet("/hello", () => "hello");
            app.MapPost("/length", async (HttpRequest request) =>
            {
                MemoryStream body = new();
                await request.Body.CopyToAsync(body);
                return body.Length.ToString(System.Globalization.CultureInfo.InvariantCulture);
            });
            app.MapGet("/held", async (HttpContext context) =>
            {
                await _gate.WaitAsync(context.RequestAborted);
                return "held";
            });
        },
        drain: drain,
        memory: _transport);
}
