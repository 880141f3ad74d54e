using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using static ActorServer.Core.ConnectionState;

namespace ActorServer.EndToEnd.Tests;

/// <summary>Quiet connections are left alone for a while: what is on its way to them arrives.</summary>
public sealed class GraceSpecs
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Conformance", "35")]
    public async Task A_silent_connection_is_closed_at_once_without_a_grace(bool tls)
    {
        await using var server = await TestApplication.StartAsync(configure: TestApplication.Listen(tls));
        await using var client = await RawClient.ConnectAsync(new Uri($"http://127.0.0.1:{server.Address.Port}"));
        await server.Transitions.ReachAsync(New);

        var report = await server.Server.DrainAsync(new(DrainTrigger.Code, Budget: Duration.Infinite));

        // One that has not done its handshake is cut: Kestrel would wait for that.
        Assert.Equal(tls ? RawEnd.Reset : RawEnd.Closed, await client.ReadEndAsync());
        Assert.Equal((1, 1, 0), (report.Initial, report.Closed, report.Aborted));
        await server.EndOfTheOnlyConnectionAsync(New, Closed);
    }

    [Fact]
    [Trait("Conformance", "35")]
    public async Task A_silent_connection_is_closed_once_it_has_been_silent_for_its_grace()
    {
        await using var server = await TestApplication.StartAsync(drain: d => d.SilentGrace = Short);
        await using var client = await RawClient.ConnectAsync(server.Address);
        await server.Transitions.ReachAsync(New);

        await server.Server.DrainAsync();

        Assert.Equal("", await client.ReadToEndAsync());
        var end = await server.EndOfTheOnlyConnectionAsync(New, Closed);
        Assert.True(end.StateSince - end.AcceptedAt >= Short);
    }

    [Fact]
    [Trait("Conformance", "24")]
    public async Task A_silent_connection_that_speaks_within_its_grace_is_served_and_told()
    {
        await using var server = await TestApplication.StartAsync(drain: d => d.SilentGrace = Long);
        await using var client = await RawClient.ConnectAsync(server.Address);
        await server.Transitions.ReachAsync(New);
        await server.Server.BeginDrainAsync(new(DrainTrigger.Code, Budget: Duration.Infinite));
        await server.Transitions.ReachAsync(NodePhase.Draining);
        await server.HeardAsync();

        var response = await client.GetAsync("/hello");

        Assert.Equal((200, "hello", true), (response.Status, response.Body, response.AnnouncesClose));
        Assert.Equal((1, 0), ((await server.Server.WhenDrained).Completed, (await server.Server.WhenDrained).Closed));
        await server.EndOfTheOnlyConnectionAsync(New, Active, Closed);
    }

    [Fact]
    public async Task An_idle_connection_is_closed_once_it_has_been_idle_for_its_grace()
    {
        await using var server = await TestApplication.StartAsync(drain: d => d.IdleGrace = Short);
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.GetAsync("/hello");
        await server.Transitions.ReachAsync(Idle);

        await server.Server.DrainAsync();

        Assert.Equal("", await client.ReadToEndAsync());
        var end = await server.EndOfTheOnlyConnectionAsync(New, Active, Idle, Closed);
        Assert.True(end.Timeline[^1].At - end.Timeline[^2].At >= Short);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Conformance", "24")]
    public async Task An_idle_connection_that_brings_a_request_within_its_grace_is_served_and_told(bool tls)
    {
        await using var server = await TestApplication.StartAsync(
            configure: TestApplication.Listen(tls), drain: d => d.IdleGrace = Long);
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.GetAsync("/hello");
        await server.Transitions.ReachAsync(Idle);
        var drained = await server.DrainPastPortsAsync(new(DrainTrigger.Code, Budget: Duration.Infinite));

        var response = await client.GetAsync("/hello");

        Assert.Equal((200, "hello", true), (response.Status, response.Body, response.AnnouncesClose));
        Assert.Equal("", await client.ReadToEndAsync());
        Assert.Equal((2, 1, 1), ((await drained).Initial, (await drained).Closed, (await drained).Completed));
        await server.EndOfTheOnlyConnectionAsync(New, Active, Idle, Active, Closed);
    }

    // Its headers were out before the drain began: nothing could be announced, and the client sends its next request at once.
    [Fact]
    [Trait("Conformance", "24")]
    public async Task A_connection_whose_answer_began_before_the_drain_gets_its_own_grace()
    {
        Held held = new();
        await using var server = await TestApplication.StartAsync(
            map: app => app.MapGet("/long", async (HttpResponse response) =>
            {
                await response.WriteAsync("begun ");
                await response.Body.FlushAsync();
                await held.WaitAsync();
                await response.WriteAsync("ended");
            }),
            drain: d => d.IdleGrace = Long);
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendGetAsync("/long");
        await client.ReadUntilAsync("begun ");
        await held.EnteredAsync();
        var drained = await server.DrainPastPortsAsync(new(DrainTrigger.Code, Budget: Duration.Infinite));
        held.Release();
        await client.ReadUntilAsync("0\r\n\r\n");
        var id = (await server.Transitions.ReachAsync(New))[0];
        await server.Transitions.ReachAsync(id, Idle);

        var response = await client.GetAsync("/hello");

        Assert.Equal(("hello", true), (response.Body, response.AnnouncesClose));
        Assert.False((await drained).HasAborted);
    }

    [Fact]
    public async Task With_no_grace_such_a_connection_closes_as_soon_as_it_is_idle()
    {
        Held held = new();
        await using var server = await TestApplication.StartAsync(map: app => app.MapGet("/long", async (HttpResponse response) =>
        {
            await response.WriteAsync("begun ");
            await response.Body.FlushAsync();
            await held.WaitAsync();
            await response.WriteAsync("ended");
        }));
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendGetAsync("/long");
        await client.ReadUntilAsync("begun ");
        await held.EnteredAsync();
        var drained = await server.DrainPastPortsAsync();
        held.Release();

        Assert.EndsWith("ended\r\n0\r\n\r\n", await client.ReadToEndAsync(), StringComparison.Ordinal);

        // The silent one, and the one whose answer was waited for.
        Assert.Equal((1, 1, 0), ((await drained).Closed, (await drained).Completed, (await drained).Aborted));
        await server.EndOfTheOnlyConnectionAsync(New, Active, Idle, Closed);
    }
}
