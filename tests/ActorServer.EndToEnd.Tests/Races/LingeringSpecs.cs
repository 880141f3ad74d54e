using System.Globalization;
using ActorServer.Core;
using ActorServer.EndToEnd.Tests.Limits;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using static ActorServer.Core.ConnectionState;

namespace ActorServer.EndToEnd.Tests.Races;

/// <summary>Connections that have ended and whose peers still send: what they were sent is theirs to read, and nobody waits for them.</summary>
public sealed class LingeringSpecs
{
    private const int Clients = 5;
    private const int Rounds = 100;
    private const int Passive = 100;
    private const int BodyBytes = 10_000_000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_HTTP_1_1_answer_that_announces_the_close_is_read_by_who_goes_on_asking(bool tls)
    {
        await using var server = await TestApplication.StartAsync(
            configure: TestApplication.Listen(tls) + LimitSetup.Limit(l => l.MaxRequestsPerConnection = 1));
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendGetAsync("/hello");
        await server.Transitions.ReachAsync(Closed);

        for (var i = 0; i < 10; i++)
        {
            // Each segment of its own: the first would bring the reset, the second would meet it.
            await client.SendGetAsync("/hello");
        }

        Assert.Equal(("hello", RawEnd.Closed), ((await client.ReadResponseAsync()).Body, await client.ReadEndAsync()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_refusal_is_read_by_who_is_still_sending_what_is_refused(bool tls)
    {
        await using var server = await TestApplication.StartAsync(
            map: static app => app.MapPost("/upload", static async (HttpRequest request) => await new StreamReader(request.Body).ReadToEndAsync()),
            configure: TestApplication.Listen(tls) + TestApplication.Kestrel(k => k.Limits.MaxRequestBodySize = 1000));
        for (var i = 0; i < Clients; i++)
        {
            await using var client = await RawClient.ConnectAsync(server.Address);
            var length = BodyBytes.ToString(CultureInfo.InvariantCulture);
            await client.SendAsync($"POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n");

            await client.SendAsync(new byte[BodyBytes]);

            Assert.Equal((413, RawEnd.Closed), ((await client.ReadResponseAsync()).Status, await client.ReadEndAsync()));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stopping_host_does_not_reset_them(bool tls)
    {
        await using var server = await TestApplication.StartAsync(configure: TestApplication.ListenHttp2(tls));
        List<Http2Client> clients = [];
        for (var i = 0; i < Clients; i++)
        {
            clients.Add(await Http2Client.ConnectAsync(server.Address));
            await clients[i].OpenAsync(1, "/hello");
            await clients[i].ReadResponseAsync(1);
        }

        var stopped = server.StopAsync();
        await server.Transitions.ReachAsync(NodePhase.Drained);
        var fates = await Task.WhenAll(clients.Select(c => LateFrames.SendBodyAsync(c, 3)));

        Assert.All(fates, f => Assert.Equal(Fate.Kept, f));
        await Task.WhenAll(clients.Select(c => c.DisposeAsync().AsTask()));
        await stopped;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Conformance", "55")]
    public async Task Those_that_never_go_hold_neither_a_drain_nor_a_stop_and_are_not_reset(bool tls)
    {
        await using var server = await TestApplication.StartAsync(
            configure: TestApplication.ListenHttp2(tls), drain: d => d.Budget = Duration.Infinite);
        var clients = await Task.WhenAll(Enumerable.Range(0, Passive).Select(async _ =>
        {
            var client = await Http2Client.ConnectAsync(server.Address);
            await client.OpenAsync(1, "/hello");
            await client.ReadResponseAsync(1);
            return client;
        }));

        var report = await server.Server.DrainAsync();
        Assert.Equal((Passive, 0, 0), (report.Initial, report.Remaining, report.Aborted));
        // It stops waiting for them when they end by themselves: both take a second.
        await server.StopAsync();

        Assert.All(
            await Task.WhenAll(clients.Select(c => c.ReadToEndAsync())),
            frames => Assert.Equal(1, frames.Last(f => f.Type == Http2FrameType.GoAway).GoAway.LastStream));
        await Task.WhenAll(clients.Select(c => c.DisposeAsync().AsTask()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Its_place_is_free_when_its_end_is_read(bool tls)
    {
        await using var server = await TestApplication.StartAsync(configure: TestApplication.Listen(tls) + LimitSetup.Limit(
            l => (l.MaxConnections, l.MaxRequestsPerConnection, l.WhenFull) = (1, 1, WhenFull.Refuse)));
        List<RawClient> passive = [];
        for (var i = 0; i < Rounds; i++)
        {
            // At once.
            passive.Add(await RawClient.ConnectAsync(server.Address));
            await passive[i].SendGetAsync("/hello");

            Assert.Equal(("hello", RawEnd.Closed), ((await passive[i].ReadResponseAsync()).Body, await passive[i].ReadEndAsync()));
        }

        await Task.WhenAll(passive.Select(c => c.DisposeAsync().AsTask()));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Its_place_is_free_while_it_waits_for_its_client(bool tls, bool byKestrel)
    {
        await using var server = await TestApplication.StartAsync(configure: TestApplication.ListenHttp2(tls) + (byKestrel
            ? TestApplication.Kestrel(k => k.Limits.MaxConcurrentConnections = 1)
            : LimitSetup.Limit(l => (l.MaxConnections, l.WhenFull) = (1, WhenFull.Refuse))));
        await using var passive = await Http2Client.ConnectAsync(server.Address);
        await passive.OpenAsync(1, "/hello");
        await passive.ReadResponseAsync(1);
        var id = (await server.Transitions.ReachAsync(Idle))[0];
        await server.Server.Connection(id).CloseAsync();
        await server.Transitions.ReachAsync(Closed);

        await using var next = await Http2Client.ConnectAsync(server.Address);
        await next.OpenAsync(1, "/hello");

        Assert.Equal((true, "hello"), await next.ReadResponseAsync(1));
    }

    [Fact]
    public async Task What_is_sent_late_takes_nothing_from_who_has_not_read_yet()
    {
        const int length = 1_000_000;
        await using var server = await TestApplication.StartAsync(
            map: static app => app.MapGet("/long", static () => Results.Bytes(new byte[length])),
            configure: LimitSetup.Limit(l => l.MaxRequestsPerConnection = 1));
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendGetAsync("/long");
        // The kernels have it all.
        await server.Transitions.ReachAsync(Closed);

        await client.SendGetAsync("/hello");

        var response = await client.ReadResponseAsync();
        Assert.Equal((length, true), (response.Body.Length, response.AnnouncesClose));
        Assert.Equal(RawEnd.Closed, await client.ReadEndAsync());
    }

    [Fact]
    public async Task What_is_still_being_written_when_it_ends_is_sent_whole()
    {
        // More than the kernels take for a client that does not read.
        const int length = 30_000_000;
        await using var server = await TestApplication.StartAsync(
            map: static app => app.MapGet("/not-awaited", static context =>
            {
                context.Response.ContentLength = length;
                _ = context.Response.Body.WriteAsync(new byte[length]).AsTask();
                return Task.CompletedTask;
            }),
            configure: LimitSetup.Limit(l => l.MaxRequestsPerConnection = 1));
        await using var client = await RawClient.ConnectAsync(server.Address);
        var id = await server.IdOfAsync(client);
        await client.SendGetAsync("/not-awaited");
        while (await server.ConnectionAsync(id) is { Requests: 0 } or { InFlight: > 0 })
        {
            // The request is over, and its answer is not yet with the kernel.
        }

        for (var i = 0; i < 1000; i++)
        {
            // By now the connection is at its end, and waits for its client.
            await server.Server.StatusAsync();
        }

        var response = await client.ReadResponseAsync();

        Assert.Equal((length, true), (response.Body.Length, response.AnnouncesClose));
    }
}
