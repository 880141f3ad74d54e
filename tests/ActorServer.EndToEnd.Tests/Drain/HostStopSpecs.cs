using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using static ActorServer.Core.ConnectionState;

namespace ActorServer.EndToEnd.Tests;

/// <summary>A host that stops drains first, whoever stops it, and within its own patience.</summary>
public sealed class HostStopSpecs
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Conformance", "32")]
    public async Task A_stop_does_not_return_before_the_handlers_have(bool byTheApplication)
    {
        Held held = new();
        await using var server = await TestApplication.StartAsync(held);
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendGetAsync("/held");
        await held.EnteredAsync();

        // Either way of stopping a host; the second is what an application does by itself.
        if (byTheApplication)
        {
            server.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        }

        var stopped = server.StopAsync();
        await server.Transitions.ReachAsync(NodePhase.Draining);
        await server.HeardAsync();
        Assert.False(stopped.IsCompleted);
        held.Release();

        var response = await client.ReadResponseAsync();
        Assert.Equal(("held", true), (response.Body, response.AnnouncesClose));
        await stopped.WaitAsync(WaitMax);
        var report = await server.Server.WhenDrained;
        Assert.Equal((DrainTrigger.Host, 1, 1, false), (report.Trigger, report.Initial, report.Completed, report.HasAborted));
    }

    [Fact]
    [Trait("Conformance", "33")]
    public async Task The_drain_is_over_before_the_rest_of_the_host_stops()
    {
        Later later = new();
        await using var server = await TestApplication.StartAsync(configure: builder => builder.Services.AddHostedService(_ => later));
        later.Drained = server.Server.WhenDrained;
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.GetAsync("/hello");
        await server.Transitions.ReachAsync(Idle);

        await server.StopAsync().WaitAsync(WaitMax);

        Assert.True(later.StoppedAfterTheDrain);
        Assert.Equal("", await client.ReadToEndAsync());
        // The log hears of it later than whoever awaits the drain.
        await server.Transitions.ReachAsync(NodePhase.Drained);
        Assert.Equal([NodePhase.LameDuck, NodePhase.Draining, NodePhase.Drained], server.Transitions.Phases);
    }

    [Fact]
    [Trait("Conformance", "120")]
    public async Task A_host_without_patience_cuts()
    {
        Held held = new();
        await using var server = await TestApplication.StartAsync(held, drain: d => d.Budget = Duration.Infinite);
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendGetAsync("/held");
        await held.EnteredAsync();

        await server.StopAsync(new CancellationToken(canceled: true)).WaitAsync(WaitMax);

        Assert.Equal(RawEnd.Reset, await client.ReadEndAsync());
        var report = await server.Server.WhenDrained;
        Assert.Equal((1, 1, 0), (report.Initial, report.Aborted, report.Stragglers));
    }

    [Fact]
    [Trait("Conformance", "120")]
    public async Task A_host_whose_patience_ends_cuts_then()
    {
        Held held = new();
        await using var server = await TestApplication.StartAsync(held, drain: d => d.Budget = Duration.Infinite);
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendGetAsync("/held");
        await held.EnteredAsync();
        using CancellationTokenSource patience = new();

        var stopped = server.StopAsync(patience.Token);
        await server.Transitions.ReachAsync(NodePhase.Draining);
        Assert.False(stopped.IsCompleted);
        await patience.CancelAsync();

        await stopped.WaitAsync(WaitMax);
        Assert.Equal(RawEnd.Reset, await client.ReadEndAsync());
        Assert.Equal(1, (await server.Server.WhenDrained).Aborted);
    }

    [Fact]
    [Trait("Conformance", "120")]
    public async Task A_host_does_not_wait_for_a_handler_that_ignores_its_abort()
    {
        Held stubborn = new();
        await using var server = await TestApplication.StartAsync(
            map: app => app.MapGet("/stubborn", () => stubborn.WaitAsync()), drain: d => d.Budget = TimeSpan.FromMilliseconds(400));
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendGetAsync("/stubborn");
        await stubborn.EnteredAsync();

        await server.StopAsync().WaitAsync(WaitMax);

        Assert.Equal(1, (await server.Server.WhenDrained).Stragglers);
        stubborn.Release();
    }

    [Fact]
    public async Task After_a_drain_by_code_the_process_stays_and_its_stop_has_nothing_left_to_do()
    {
        await using var server = await TestApplication.StartAsync();
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.GetAsync("/hello");
        await server.Transitions.ReachAsync(Idle);

        var report = await server.Server.DrainAsync();
        var status = await server.Server.StatusAsync();
        var stopping = server.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        Assert.False(stopping.IsCancellationRequested);
        await server.StopAsync().WaitAsync(WaitMax);

        Assert.Equal((NodePhase.Drained, false, false, 0), (status.Phase, status.Accepting, status.Ready, status.Connections.Total));
        Assert.Equal(DrainTrigger.Code, report.Trigger);
        Assert.Equal(report.Id, (await server.Server.WhenDrained).Id);
        Assert.Equal([NodePhase.LameDuck, NodePhase.Draining, NodePhase.Drained], server.Transitions.Phases);
    }

    [Fact]
    public async Task A_stop_joins_the_drain_that_runs()
    {
        Held held = new();
        await using var server = await TestApplication.StartAsync(held);
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendGetAsync("/held");
        await held.EnteredAsync();
        var drained = await server.DrainPastPortsAsync();

        var stopped = server.StopAsync();
        Assert.False(stopped.IsCompleted);
        held.Release();

        Assert.Equal("held", (await client.ReadResponseAsync()).Body);
        await stopped.WaitAsync(WaitMax);
        Assert.Equal((await drained).Id, (await server.Server.WhenDrained).Id);
        Assert.Equal(0, (await drained).Aborted);
    }

    // Kestrel's own stop ends its heartbeat first, and with it all of its timeouts: a drain comes before that.
    [Fact]
    public async Task While_it_drains_headers_that_never_end_are_refused_as_ever()
    {
        await using var server = await TestApplication.StartAsync(
            configure: TestApplication.Kestrel(k => k.Limits.RequestHeadersTimeout = TimeSpan.FromMilliseconds(200)),
            drain: d => d.Budget = Duration.Infinite);
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendAsync("GET /hello HTTP/1.1\r\n");
        await server.Transitions.ReachAsync(New);

        await server.StopAsync().WaitAsync(WaitMax);

        Assert.Equal(408, (await client.ReadResponseAsync()).Status);
        var id = Assert.Single(await server.Transitions.ReachAsync(Closed));
        Assert.Equal([New, Active, Closed], server.Transitions.States(id));
        var report = await server.Server.WhenDrained;
        Assert.Equal((1, 1, 0), (report.Initial, report.Completed, report.Aborted));
    }

    private sealed class Later : IHostedService
    {
        public Task? Drained { get; set; }

        public bool StoppedAfterTheDrain { get; private set; }

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken)
        {
            StoppedAfterTheDrain = Drained!.IsCompletedSuccessfully;
            return Task.CompletedTask;
        }
    }
}
