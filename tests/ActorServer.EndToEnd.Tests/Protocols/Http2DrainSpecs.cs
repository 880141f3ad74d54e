using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using static ActorServer.Core.ConnectionState;

namespace ActorServer.EndToEnd.Tests;

/// <summary>A drain as the clients of HTTP/2 see it, frame by frame.</summary>
public sealed class Http2DrainSpecs
{
    private const int NoError = 0;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Conformance", "10")]
    [Trait("Conformance", "53")]
    public async Task A_stream_in_flight_is_answered_and_then_its_connection_closes(bool tls)
    {
        Held held = new();
        await using var server = await TestApplication.StartAsync(held, configure: TestApplication.ListenHttp2(tls));
        await using var client = await Http2Client.ConnectAsync(server.Address);
        await client.OpenAsync(1, "/held");
        await held.EnteredAsync();

        var drained = server.Server.DrainAsync();
        await server.Transitions.ReachAsync(NodePhase.Draining);
        await server.HeardAsync();
        Assert.False(drained.IsCompleted);
        held.Release();

        var frames = await client.ReadToEndAsync();
        Assert.Equal((true, "held"), Http2Frame.Response(frames, 1));
        Assert.Equal((1, NoError), frames.Last(f => f.Type == Http2FrameType.GoAway).GoAway);
        var report = await drained;
        Assert.Equal((1, 1, 0, 0, 0), (report.Initial, report.Completed, report.Closed, report.Remaining, report.Aborted));
        await server.EndOfTheOnlyConnectionAsync(New, Active, Idle, Closed);
    }

    [Fact]
    [Trait("Conformance", "51")]
    public async Task GOAWAY_comes_first_for_any_stream_and_at_the_end_for_the_last_one()
    {
        Held held = new();
        await using var server = await TestApplication.StartAsync(held, configure: TestApplication.ListenHttp2(tls: false));
        await using var client = await Http2Client.ConnectAsync(server.Address);
        await client.OpenAsync(1, "/held");
        await held.EnteredAsync();
        var drained = server.Server.DrainAsync();
        await server.Transitions.ReachAsync(NodePhase.Draining);
        await server.HeardAsync();

        // A client that stays: it opens one more stream, and is told inside it.
        await client.OpenAsync(3, "/hello");
        var before = await client.ReadUntilAsync(f => f.StreamId == 3 && f.EndsStream);
        await client.OpenAsync(5, "/hello");
        var between = await client.ReadUntilAsync(f => f.StreamId == 5 && f.EndsStream);
        held.Release();
        var after = await client.ReadToEndAsync();

        var first = Assert.Single(before.Concat(between), f => f.Type == Http2FrameType.GoAway);
        Assert.Equal((Http2Frame.AnyStream, NoError), first.GoAway);
        Assert.Equal((5, NoError), Assert.Single(after, f => f.Type == Http2FrameType.GoAway).GoAway);
        Assert.Equal((true, "hello"), Http2Frame.Response(before, 3));
        Assert.Equal((true, "hello"), Http2Frame.Response(between, 5));
        Assert.Equal((true, "held"), Http2Frame.Response(before.Concat(between).Concat(after), 1));
        Assert.Equal((0, 1), ((await drained).Aborted, (await drained).Completed));
        await server.EndOfTheOnlyConnectionAsync(New, Active, Idle, Closed);
    }

    [Fact]
    public async Task In_the_lame_duck_an_idle_connection_is_told_inside_its_next_stream()
    {
        await using var server = await TestApplication.StartAsync(
            configure: TestApplication.ListenHttp2(tls: false), drain: d => d.LameDuck = TimeSpan.FromMinutes(1));
        await using var client = await Http2Client.ConnectAsync(server.Address);
        await client.OpenAsync(1, "/hello");
        await client.ReadResponseAsync(1);
        await server.Transitions.ReachAsync(Idle);

        await server.Server.BeginDrainAsync(new(DrainTrigger.Code, Budget: Duration.Infinite));
        await server.HeardAsync();
        await client.OpenAsync(3, "/hello");
        var frames = await client.ReadToEndAsync();

        Assert.Equal((true, "hello"), Http2Frame.Response(frames, 3));
        Assert.Equal((3, NoError), frames.Last(f => f.Type == Http2FrameType.GoAway).GoAway);
        Assert.Equal(NodePhase.LameDuck, (await server.Server.StatusAsync()).Phase);
        var end = await server.EndOfTheOnlyConnectionAsync(New, Active, Idle, Active, Idle, Closed);
        Assert.Equal(EndReason.Completed, end.EndReason);
    }

    // A client that meets GOAWAY on every new connection gives up.
    [Fact]
    public async Task In_the_lame_duck_a_connection_that_is_younger_is_not_told()
    {
        await using var server = await TestApplication.StartAsync(
            configure: TestApplication.ListenHttp2(tls: false), drain: d => d.LameDuck = TimeSpan.FromMinutes(1));
        await server.Server.BeginDrainAsync(new(DrainTrigger.Code, Budget: Duration.Infinite));

        await using var client = await Http2Client.ConnectAsync(server.Address);
        for (var stream = 1; stream < 10; stream += 2)
        {
            await client.OpenAsync(stream, "/hello");
            var frames = await client.ReadUntilAsync(f => f.StreamId == stream && f.EndsStream);
            Assert.Equal((true, "hello"), Http2Frame.Response(frames, stream));
            Assert.DoesNotContain(frames, f => f.Type == Http2FrameType.GoAway);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Conformance", "55")]
    public async Task An_idle_connection_does_not_hold_a_drain_that_never_ends(bool tls)
    {
        await using var server = await TestApplication.StartAsync(
            configure: TestApplication.ListenHttp2(tls), drain: d => d.Budget = Duration.Infinite);
        await using var client = await Http2Client.ConnectAsync(server.Address);
        await client.OpenAsync(1, "/hello");
        await client.ReadResponseAsync(1);
        await server.Transitions.ReachAsync(Idle);

        var report = await server.Server.DrainAsync();

        Assert.Equal((1, 1, 0), (report.Initial, report.Closed, report.Remaining));
        Assert.Equal((1, NoError), Assert.Single(await client.ReadToEndAsync(), f => f.Type == Http2FrameType.GoAway).GoAway);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_that_has_opened_no_stream_is_told_too(bool tls)
    {
        await using var server = await TestApplication.StartAsync(configure: TestApplication.ListenHttp2(tls));
        await using var client = await Http2Client.ConnectAsync(server.Address);
        await client.ReadUntilAsync(f => f is { Type: Http2FrameType.Settings, IsAcknowledgement: true });

        var report = await server.Server.DrainAsync();

        Assert.Equal(NoError, Assert.Single(await client.ReadToEndAsync(), f => f.Type == Http2FrameType.GoAway).GoAway.Error);
        Assert.Equal((1, 1), (report.Initial, report.Closed));
        await server.EndOfTheOnlyConnectionAsync(New, Closed);
    }

    [Fact]
    [Trait("Conformance", "54")]
    public async Task A_stream_that_outlasts_the_deadline_is_cut()
    {
        Held held = new();
        await using var server = await TestApplication.StartAsync(held, configure: TestApplication.ListenHttp2(tls: false));
        await using var client = await Http2Client.ConnectAsync(server.Address);
        await client.OpenAsync(1, "/held");
        await held.EnteredAsync();

        var report = await server.Server.DrainAsync(new(DrainTrigger.Code, Budget: TimeSpan.FromMilliseconds(600)));

        await Assert.ThrowsAnyAsync<IOException>(() => client.ReadUntilAsync(f => f.StreamId == 1 && f.EndsStream));
        Assert.Equal((1, 1, 0, true), (report.Initial, report.Aborted, report.Stragglers, report.HasAborted));
        var end = await server.EndOfTheOnlyConnectionAsync(New, Active, Closed);
        Assert.Equal(EndReason.DrainAborted, end.EndReason);
    }

    [Fact]
    public async Task A_body_that_is_on_its_way_arrives()
    {
        Held begun = new();
        begun.Release();
        await using var server = await TestApplication.StartAsync(
            map: app => app.MapPost("/upload", async (HttpRequest request) =>
            {
                await begun.WaitAsync();
                return await new StreamReader(request.Body).ReadToEndAsync();
            }),
            configure: TestApplication.ListenHttp2(tls: false));
        await using var client = await Http2Client.ConnectAsync(server.Address);
        await client.OpenAsync(1, "/upload", ends: false);
        await begun.EnteredAsync();
        await client.SendDataAsync(1, "one ", ends: false);

        var drained = server.Server.DrainAsync();
        await server.Transitions.ReachAsync(NodePhase.Draining);
        await server.HeardAsync();
        await client.SendDataAsync(1, "two", ends: true);

        Assert.Equal((true, "one two"), await client.ReadResponseAsync(1));
        Assert.False((await drained).HasAborted);
    }
}
