using ActorServer.Actors;
using ActorServer.Core;
using ActorServer.TestKit;
using Akka.Actor;
using Akka.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using static ActorServer.Core.ConnectionState;

namespace ActorServer.EndToEnd.Tests;

/// <summary>The node lives in the application's own actor system where there is one.</summary>
public sealed class ActorSystemSpecs
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task An_application_without_one_is_given_one()
    {
        await using var server = await TestApplication.StartAsync();
        var system = server.Services.GetRequiredService<ActorSystem>();

        Assert.Equal("ActorServer", system.Name);
        Assert.NotNull(await system.ActorSelection("/user/actor-server").ResolveOne(WaitMax));
        await server.StopAsync();
        await system.WhenTerminated.WaitAsync(WaitMax);
    }

    [Fact]
    public async Task The_applications_own_one_is_used()
    {
        TaskCompletionSource<string> greeted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await StartInOwnSystemAsync(new(), akka => akka.WithActors(
            (system, _) => system.ActorOf(Props.Create(() => new Greeter(greeted)), "greeter").Tell("hello")));

        var system = server.Services.GetRequiredService<ActorSystem>();

        Assert.Equal("Own", system.Name);
        Assert.Single(server.Services.GetServices<ActorSystem>());
        Assert.Equal("hello", await greeted.Task.WaitAsync(WaitMax));
        Assert.NotNull(await system.ActorSelection($"/user/{ActorServerNode.ActorName}").ResolveOne(WaitMax));
    }

    [Fact]
    public async Task In_it_connections_are_tracked_and_drained_as_ever()
    {
        Held held = new();
        await using var server = await StartInOwnSystemAsync(held);
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.GetAsync("/hello");
        await client.SendGetAsync("/held");
        await held.EnteredAsync();

        var drained = await server.DrainPastPortsAsync();
        held.Release();

        var response = await client.ReadResponseAsync();
        Assert.Equal(("held", true), (response.Body, response.AnnouncesClose));
        var report = await drained;
        Assert.Equal((2, 1, 1, 0), (report.Initial, report.Closed, report.Completed, report.Aborted));
        var end = await server.EndOfTheOnlyConnectionAsync(New, Active, Idle, Active, Closed);
        Assert.Equal((EndReason.Completed, 2L), (end.EndReason, end.Requests));
    }

    [Fact]
    public async Task In_it_a_stopping_host_drains_before_the_system_ends()
    {
        Held held = new();
        await using var server = await StartInOwnSystemAsync(held);
        var system = server.Services.GetRequiredService<ActorSystem>();
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendGetAsync("/held");
        await held.EnteredAsync();

        var stopped = server.StopAsync();
        await server.Transitions.ReachAsync(NodePhase.Draining);
        await server.HeardAsync();
        Assert.False(system.WhenTerminated.IsCompleted);
        held.Release();

        Assert.True((await client.ReadResponseAsync()).AnnouncesClose);
        await stopped.WaitAsync(WaitMax);
        await system.WhenTerminated.WaitAsync(WaitMax);
        Assert.Equal((1, 0), ((await server.Server.WhenDrained).Completed, (await server.Server.WhenDrained).Aborted));
    }

    [Fact]
    public async Task One_that_is_added_after_ActorServer_is_refused_at_the_start()
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(
            () => TestApplication.StartAsync(configure: builder => builder.Services.AddAkka("Late", _ => { })));

        Assert.Contains("call AddAkka before AddActorServer", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Kestrel_that_is_added_after_ActorServer_is_refused_at_the_start()
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(
            () => TestApplication.StartAsync(configure: builder => builder.WebHost.UseKestrel()));

        Assert.Contains("call AddActorServer after UseKestrel", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Kestrel_that_is_added_before_ActorServer_is_tracked()
    {
        await using var server = await StartedServer.StartAsync(
            app => app.MapGet("/hello", () => "hello"),
            prepare: builder => builder.WebHost.UseKestrel(kestrel => kestrel.AddServerHeader = false));
        await using var client = await RawClient.ConnectAsync(server.Address);

        var response = await client.GetAsync("/hello", "Connection: close\r\n");

        Assert.Empty(response.Headers["Server"]);
        await server.EndOfTheOnlyConnectionAsync(New, Active, Closed);
    }

    [Fact]
    public async Task ActorServer_itself_is_added_once()
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(
            () => TestApplication.StartAsync(configure: builder => builder.AddActorServer()));

        Assert.Contains("once is enough", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_nodes_in_one_process_do_not_know_each_other()
    {
        await using var one = await TestApplication.StartAsync();
        await using var other = await TestApplication.StartAsync();
        await using var client = await RawClient.ConnectAsync(other.Address);
        await client.GetAsync("/hello");

        await one.Server.DrainAsync();

        Assert.Equal("hello", (await client.GetAsync("/hello")).Body);
        Assert.Equal(NodePhase.Serving, (await other.Server.StatusAsync()).Phase);
        Assert.Equal(0, (await one.Server.StatusAsync()).Totals.Accepted);
    }

    private static Task<StartedServer> StartInOwnSystemAsync(Held held, Action<AkkaConfigurationBuilder>? configure = null)
        => StartedServer.StartAsync(
            app =>
            {
                app.MapGet("/hello", () => "hello");
                app.MapGet("/held", async () =>
                {
                    await held.WaitAsync();
                    return "held";
                });
            },
            prepare: builder => builder.Services.AddAkka("Own", akka => configure?.Invoke(akka)));

    private sealed class Greeter : ReceiveActor
    {
        public Greeter(TaskCompletionSource<string> greeted) => Receive<string>(greeted.SetResult);
    }
}
