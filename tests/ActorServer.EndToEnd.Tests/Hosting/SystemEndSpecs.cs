using ActorServer.Actors;
using ActorServer.Core;
using ActorServer.TestKit;
using Akka;
using Akka.Actor;
using Akka.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ActorServer.EndToEnd.Tests;

/// <summary>Whoever ends the actor system, or the server, or both: the node drains first, and all of them end.</summary>
public sealed class SystemEndSpecs : IAsyncDisposable
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    private readonly Held _held = new();
    private readonly ActorSystem _own = ActorSystem.Create("Foreign");

    /// <summary>Why an actor system may end: Akka's reasons, and what trigger the drain is told to have.</summary>
    public static TheoryData<string, DrainTrigger> Reasons => new()
    {
        { nameof(CoordinatedShutdown.ActorSystemTerminateReason), DrainTrigger.Host },
        { nameof(CoordinatedShutdown.ClrExitReason), DrainTrigger.Host },
        { nameof(CoordinatedShutdown.UnknownReason), DrainTrigger.Host },
        { nameof(CoordinatedShutdown.ClusterLeavingReason), DrainTrigger.ClusterLeave },
        { nameof(CoordinatedShutdown.ClusterDowningReason), DrainTrigger.ClusterLeave },
        { nameof(CoordinatedShutdown.ClusterJoinUnsuccessfulReason), DrainTrigger.ClusterLeave },
    };

    [Theory]
    [MemberData(nameof(Reasons))]
    [Trait("Conformance", "119")]
    public async Task An_ending_system_waits_for_the_drain_whatever_ends_it(string reason, DrainTrigger trigger)
    {
        await using var server = await TestApplication.StartAsync(_held);
        var system = server.Services.GetRequiredService<ActorSystem>();
        var stopping = Stopping(server);
        await using var client = await BusyAsync(server);
        var drainedBefore = AtServiceStop(server);

        var ended = CoordinatedShutdown.Get(system).Run(Reason(reason));
        await server.Transitions.ReachAsync(NodePhase.Draining);
        await server.HeardAsync();
        await Assert.ThrowsAsync<DrainRefusedException>(() => server.Server.ResumeAsync());
        Assert.False(system.WhenTerminated.IsCompleted);
        _held.Release();

        Assert.True((await client.ReadResponseAsync()).AnnouncesClose);
        await ended.WaitAsync(WaitMax);
        Assert.True(await drainedBefore.WaitAsync(WaitMax));
        var report = await server.Server.WhenDrained;
        Assert.Equal((trigger, 1, 0), (report.Trigger, report.Completed, report.Aborted));
        // The host follows.
        await stopping.WaitAsync(WaitMax);
        await server.StopAsync().WaitAsync(WaitMax);
    }

    [Fact]
    public async Task Terminating_the_system_is_ending_it()
    {
        await using var server = await TestApplication.StartAsync(_held);
        await using var client = await BusyAsync(server);

        var ended = server.Services.GetRequiredService<ActorSystem>().Terminate();
        await server.Transitions.ReachAsync(NodePhase.Draining);
        _held.Release();

        Assert.Equal("held", (await client.ReadResponseAsync()).Body);
        await ended.WaitAsync(WaitMax);
        await server.StopAsync().WaitAsync(WaitMax);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Under_a_system_that_is_cut_off_the_server_stops_by_itself(bool inTheMiddleOfADrain)
    {
        await using var server = await TestApplication.StartAsync(_held);
        var stopping = Stopping(server);
        await using var client = await BusyAsync(server);
        if (inTheMiddleOfADrain)
        {
            await server.DrainPastPortsAsync();
        }

        ((ExtendedActorSystem)server.Services.GetRequiredService<ActorSystem>()).Abort();

        await stopping.WaitAsync(WaitMax);
        var stopped = server.StopAsync();
        _held.Release();
        Assert.Equal("held", (await client.ReadResponseAsync()).Body);
        await stopped.WaitAsync(WaitMax);
    }

    [Fact]
    public async Task A_system_of_the_applications_own_lives_on_when_the_server_stops()
    {
        await using var server = await StartInForeignAsync();
        await using var client = await BusyAsync(server);

        var stopped = server.StopAsync();
        await server.Transitions.ReachAsync(NodePhase.Draining);
        _held.Release();

        Assert.Equal("held", (await client.ReadResponseAsync()).Body);
        await stopped.WaitAsync(WaitMax);
        Assert.False(_own.WhenTerminated.IsCompleted);
        Assert.Equal(NodePhase.Drained, (await server.Server.StatusAsync()).Phase);
        await _own.Terminate().WaitAsync(WaitMax);
    }

    [Fact]
    public async Task A_system_of_the_applications_own_that_ends_drains_and_stops_the_host()
    {
        await using var server = await StartInForeignAsync();
        var stopping = Stopping(server);
        await using var client = await BusyAsync(server);

        var ended = _own.Terminate();
        await server.Transitions.ReachAsync(NodePhase.Draining);
        _held.Release();

        Assert.Equal("held", (await client.ReadResponseAsync()).Body);
        await ended.WaitAsync(WaitMax);
        await stopping.WaitAsync(WaitMax);
        await server.StopAsync().WaitAsync(WaitMax);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Both_at_once_are_one_drain(bool systemFirst)
    {
        await using var server = await TestApplication.StartAsync(_held);
        var system = server.Services.GetRequiredService<ActorSystem>();
        await using var client = await BusyAsync(server);

        Task[] ends = systemFirst ? [system.Terminate(), server.StopAsync()] : [server.StopAsync(), system.Terminate()];
        await server.Transitions.ReachAsync(NodePhase.Draining);
        _held.Release();

        Assert.Equal("held", (await client.ReadResponseAsync()).Body);
        await Task.WhenAll(ends).WaitAsync(WaitMax);
        await system.WhenTerminated.WaitAsync(WaitMax);
        var report = await server.Server.WhenDrained;
        Assert.Equal(("1", 1, 0), (report.Id, report.Completed, report.Aborted));
    }

    [Fact]
    [Trait("Conformance", "120")]
    public async Task A_system_that_ends_with_its_host_has_the_hosts_patience_and_no_more()
    {
        await using var server = await TestApplication.StartAsync(_held, drain: d => d.Budget = Duration.Infinite);
        var system = server.Services.GetRequiredService<ActorSystem>();
        await using var client = await BusyAsync(server);

        var ended = system.Terminate();
        await server.Transitions.ReachAsync(NodePhase.Draining);
        await server.StopAsync(new CancellationToken(canceled: true)).WaitAsync(WaitMax);

        Assert.Equal(RawEnd.Reset, await client.ReadEndAsync());
        await ended.WaitAsync(WaitMax);
        Assert.Equal(1, (await server.Server.WhenDrained).Aborted);
    }

    [Fact]
    [Trait("Conformance", "120")]
    public async Task A_task_that_holds_the_system_up_does_not_hold_the_host_up()
    {
        await using var server = await TestApplication.StartAsync(_held);
        var system = server.Services.GetRequiredService<ActorSystem>();
        TaskCompletionSource stuck = new(TaskCreationOptions.RunContinuationsAsynchronously);
        CoordinatedShutdown.Get(system).AddTask(CoordinatedShutdown.PhaseServiceStop, "stuck", async () =>
        {
            await stuck.Task;
            return Done.Instance;
        });

        await server.StopAsync(new CancellationToken(canceled: true)).WaitAsync(WaitMax);

        Assert.False(system.WhenTerminated.IsCompleted);
        stuck.SetResult();
        await system.WhenTerminated.WaitAsync(WaitMax);
    }

    [Theory]
    [InlineData("22s")]
    [InlineData("168h")]
    [InlineData("infinite")]
    public async Task The_phase_that_waits_is_longer_than_any_drain(string budget)
    {
        Assert.True(Duration.TryParse(budget, out var longest));
        await using var server = await StartedServer.StartAsync(
            _ => { },
            drain: d => d.Budget = longest,
            prepare: builder => builder.Services.AddAkka("Own", akka => akka.AddHocon(
                "akka.coordinated-shutdown.phases.service-requests-done.timeout = 1s", HoconAddMode.Append)));

        var shutdown = CoordinatedShutdown.Get(server.Services.GetRequiredService<ActorSystem>());

        Assert.True(shutdown.Timeout(CoordinatedShutdown.PhaseServiceRequestsDone) > TimeSpan.FromDays(7));
        // Akka awaits the sum by a number of milliseconds.
        Assert.True(shutdown.TotalTimeout < TimeSpan.FromMilliseconds(int.MaxValue));
    }

    public async ValueTask DisposeAsync()
    {
        _held.Release();
        await _own.Terminate().WaitAsync(WaitMax);
    }

    private static CoordinatedShutdown.Reason Reason(string name)
        => (CoordinatedShutdown.Reason)typeof(CoordinatedShutdown).GetNestedType(name)!.GetField("Instance")!.GetValue(null)!;

    private static Task Stopping(StartedServer server)
    {
        TaskCompletionSource stopping = new(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);
        return stopping.Task;
    }

    private static async Task<RawClient> BusyAsync(StartedServer server)
    {
        var client = await RawClient.ConnectAsync(server.Address);
        await client.SendGetAsync("/held");
        await server.Transitions.ReachAsync(ConnectionState.Active);
        return client;
    }

    // What the application ends in the phase after the one that waits for requests finds them answered.
    private static Task<bool> AtServiceStop(StartedServer server)
    {
        TaskCompletionSource<bool> told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var drained = server.Server.WhenDrained;
        CoordinatedShutdown.Get(server.Services.GetRequiredService<ActorSystem>()).AddTask(
            CoordinatedShutdown.PhaseServiceStop, "the application's",
            () =>
            {
                told.SetResult(drained.IsCompleted);
                return Task.FromResult(Done.Instance);
            });
        return told.Task;
    }

    private Task<StartedServer> StartInForeignAsync()
        => StartedServer.StartAsync(
            app => app.MapGet("/held", async () =>
            {
                await _held.WaitAsync();
                return "held";
            }),
            prepare: builder => builder.Services.AddSingleton(_own));
}
