using ActorServer.Actors;
using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;
using static ActorServer.Core.ConnectionState;

namespace ActorServer.EndToEnd.Tests;

/// <summary>What a drain means for each kind of client, without a lame duck and without graces.</summary>
public sealed class DrainSpecs
{
    [Fact]
    [Trait("Conformance", "16")]
    public async Task With_no_connections_it_is_over_at_once()
    {
        await using var server = await TestApplication.StartAsync();

        var report = await server.Server.DrainAsync();

        Assert.Equal((0, 0, 0, 0, 0), (report.Initial, report.Closed, report.Completed, report.Aborted, report.Remaining));
        Assert.Equal((DrainPhase.Drained, DrainTrigger.Code, false), (report.Phase, report.Trigger, report.HasAborted));
        Assert.Equal([NodePhase.LameDuck, NodePhase.Draining, NodePhase.Drained], server.Transitions.Phases);
        await TestApplication.AssertRefusesAsync(server.Address);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Conformance", "17")]
    [Trait("Conformance", "27")]
    [Trait("Conformance", "34")]
    public async Task An_idle_connection_is_closed_and_nothing_is_written_to_it(bool tls)
    {
        await using var server = await TestApplication.StartAsync(configure: TestApplication.Listen(tls));
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.GetAsync("/hello");
        await server.Transitions.ReachAsync(Idle);

        var report = await server.Server.DrainAsync();

        Assert.Equal("", await client.ReadToEndAsync());
        Assert.Equal((1, 1, 0), (report.Initial, report.Closed, report.Remaining));
        await server.EndOfTheOnlyConnectionAsync(New, Active, Idle, Closed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Conformance", "22")]
    [Trait("Conformance", "28")]
    [Trait("Conformance", "34")]
    public async Task A_request_in_flight_is_answered_with_the_close(bool tls)
    {
        Held held = new();
        await using var server = await TestApplication.StartAsync(held, configure: TestApplication.Listen(tls));
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendGetAsync("/held");
        await held.EnteredAsync();

        var drained = await server.DrainPastPortsAsync();
        Assert.False(drained.IsCompleted);
        held.Release();

        var response = await client.ReadResponseAsync();
        Assert.Equal((200, "held", true), (response.Status, response.Body, response.AnnouncesClose));
        Assert.Equal("", await client.ReadToEndAsync());
        var report = await drained;
        Assert.Equal((2, 1, 1, 0), (report.Initial, report.Closed, report.Completed, report.Aborted));
        await server.EndOfTheOnlyConnectionAsync(New, Active, Closed);
    }

    [Fact]
    [Trait("Conformance", "22")]
    public async Task The_close_is_announced_over_what_the_application_says_and_nothing_else_is_touched()
    {
        Held held = new();
        await using var server = await TestApplication.StartAsync(map: app => app.MapGet("/headers", async (HttpResponse response) =>
        {
            response.Headers.Connection = "keep-alive";
            response.Headers.ETag = "\"1\"";
            response.Headers["X-Own"] = new StringValues(["one", "two"]);
            await held.WaitAsync();
            await response.WriteAsync("body");
        }));
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendGetAsync("/headers");
        await held.EnteredAsync();

        var drained = await server.DrainPastPortsAsync();
        held.Release();

        var response = await client.ReadResponseAsync();
        Assert.Equal(["close"], response.Headers["Connection"]);
        Assert.Equal(["\"1\""], response.Headers["ETag"]);
        Assert.Equal(["one", "two"], response.Headers["X-Own"]);
        Assert.Equal("body", response.Body);
        Assert.False((await drained).HasAborted);
    }

    [Fact]
    [Trait("Conformance", "19")]
    [Trait("Conformance", "20")]
    public async Task Eight_in_flight_are_answered_and_eight_that_come_later_are_refused()
    {
        Held held = new();
        await using var server = await TestApplication.StartAsync(held);
        var clients = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => RawClient.ConnectAsync(server.Address)));
        await Task.WhenAll(clients.Select(c => c.SendGetAsync("/held")));
        await held.EnteredAsync(8);

        var drained = await server.DrainPastPortsAsync();
        for (var i = 0; i < 8; i++)
        {
            await TestApplication.AssertRefusesAsync(server.Address);
        }

        held.Release();
        foreach (var client in clients)
        {
            Assert.Equal("held", (await client.ReadResponseAsync()).Body);
            await client.DisposeAsync();
        }

        var report = await drained;
        Assert.Equal((9, 8, 0), (report.Initial, report.Completed, report.Aborted));
    }

    [Fact]
    [Trait("Conformance", "21")]
    [Trait("Conformance", "33")]
    public async Task The_ports_are_closed_before_the_hook_is_called_and_all_else_follows_in_order()
    {
        List<string> events = [];
        Held held = new();
        Hook hook = new(events);
        await using var server = await TestApplication.StartAsync(
            map: app => app.MapGet("/work", async () =>
            {
                await held.WaitAsync();
                Note("request done");
            }),
            configure: builder => builder.Services.AddSingleton<IDrainHook>(hook));
        hook.Address = server.Address;
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendGetAsync("/work");
        await held.EnteredAsync();

        var drained = await server.DrainPastPortsAsync();
        Note("past ports");
        held.Release();
        await drained;
        Note("completed");

        Assert.Equal(["requested", "draining, port closed", "past ports", "request done", "drained", "completed"], events);
        var report = (await server.Server.StatusAsync()).Drain!;
        Assert.True(report.StartedAt <= report.LameDuckUntil && report.LameDuckUntil < report.EndedAt);

        void Note(string what)
        {
            lock (events)
            {
                events.Add(what);
            }
        }
    }

    [Fact]
    [Trait("Conformance", "23")]
    public async Task A_request_pipelined_behind_an_announced_close_is_not_run()
    {
        Held held = new();
        var runs = 0;
        await using var server = await TestApplication.StartAsync(
            held, map: app => app.MapGet("/second", () => Interlocked.Increment(ref runs)));
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendAsync(
            "GET /held HTTP/1.1\r\nHost: localhost\r\n\r\nGET /second HTTP/1.1\r\nHost: localhost\r\n\r\n");
        await held.EnteredAsync();

        var drained = await server.DrainPastPortsAsync();
        held.Release();

        var first = await client.ReadResponseAsync();
        Assert.Equal(("held", true), (first.Body, first.AnnouncesClose));
        await client.ReadEndAsync();
        Assert.False((await drained).HasAborted);
        Assert.Equal(0, runs);
    }

    private sealed class Hook(List<string> events) : IDrainHook
    {
        public Uri? Address { get; set; }

        public Task<string?> OnDrainRequestedAsync(DrainRequest request, CancellationToken cancellationToken)
        {
            Note("requested");
            return Task.FromResult<string?>(null);
        }

        public async Task OnDrainingAsync(DrainReport drain, CancellationToken cancellationToken)
        {
            await TestApplication.AssertRefusesAsync(Address!);
            Note("draining, port closed");
        }

        public Task OnDrainedAsync(DrainReport report, CancellationToken cancellationToken)
        {
            Note("drained");
            return Task.CompletedTask;
        }

        private void Note(string what)
        {
            lock (events)
            {
                events.Add(what);
            }
        }
    }
}
