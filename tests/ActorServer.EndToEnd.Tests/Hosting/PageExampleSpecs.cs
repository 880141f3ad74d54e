using System.Threading.Channels;
using ActorServer.Actors;
using ActorServer.Admin;
using ActorServer.Cluster;
using ActorServer.Core;
using ActorServer.Core.Wire;
using ActorServer.DrainLab;
using ActorServer.EndToEnd.Tests.Admin;
using ActorServer.Kestrel;
using ActorServer.TestKit;
using Akka.Actor;
using Akka.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ActorServer.EndToEnd.Tests;

/// <summary>The examples of the README and of most pages run.</summary>
public sealed class PageExampleSpecs
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Two_lines_add_it_to_an_application()
    {
        await using var app = Readme([.. Arguments, "--ActorServer:Admin:Url=http://127.0.0.1:0"]);
        await app.StartAsync();
        using HttpClient client = new() { BaseAddress = new(app.Urls.First()) };

        Assert.Equal("hello", await client.GetStringAsync(new Uri("/", UriKind.Relative)));
        Assert.Equal(1, (await app.Services.GetRequiredService<IActorServer>().StatusAsync()).Totals.Accepted);
        await app.StopAsync();
    }

    [Fact]
    public async Task One_line_does_without_the_admin_side()
    {
        var args = Arguments;
        // docs: package
        var builder = WebApplication.CreateBuilder(args);
        builder.AddActorServer();          // endpoints, middleware and features stay as they are
        // docs: end
        await using var app = builder.Build();
        await app.StartAsync();

        Assert.Equal(NodePhase.Serving, (await app.Services.GetRequiredService<IActorServer>().StatusAsync()).Phase);
        await app.StopAsync();
    }

    [Fact]
    public async Task A_test_sees_the_states_of_a_connection()
    {
        // docs: package-test
        await using var server = await StartedServer.StartAsync(app => app.MapGet("/hello", () => "Hello!"));
        await using var client = await server.ConnectAsync();
        await client.GetAsync("/hello");
        var id = await server.IdOfAsync(client);
        await server.Transitions.ExpectAsync(id, ConnectionState.New, ConnectionState.Active, ConnectionState.Idle);
        // docs: end
    }

    [Fact]
    public void Code_turns_the_access_log_on()
    {
        var builder = WebApplication.CreateBuilder(Arguments);
        // docs: access-log
        builder.AddActorServer(options => options.AccessLog.Enabled = true);
        // docs: end
        using var app = (IDisposable)builder.Build();

        Assert.True(Options<ActorServerOptions>(app).AccessLog.Enabled);
    }

    [Fact]
    public void Code_sets_options()
    {
        var builder = WebApplication.CreateBuilder(Arguments);
        // docs: options
        builder.AddActorServer(options => options.Drain.Budget = TimeSpan.FromSeconds(40));
        builder.AddActorServerAdmin(options => options.Url = "http://127.0.0.1:9000");
        // docs: end
        using var app = (IDisposable)builder.Build();

        Assert.Equal(TimeSpan.FromSeconds(40), Options<ActorServerOptions>(app).Drain.Budget.Value);
        Assert.Equal("http://127.0.0.1:9000", Options<AdminOptions>(app).Url);
    }

    [Fact]
    public async Task A_balancer_asks_the_applications_own_port()
    {
        await using var server = await TestApplication.StartAsync(
            map: static app =>
            {
                // docs: ready
                app.MapHealthChecks("/readyz", new HealthCheckOptions { Predicate = check => check.Tags.Contains("ready") });
                // docs: end
            },
            drain: static d => (d.LameDuck, d.Budget) = (TimeSpan.FromHours(1), Duration.Infinite));
        await using var balancer = await RawClient.ConnectAsync(server.Address);

        Assert.Equal(200, (await balancer.GetAsync("/readyz")).Status);
        var drained = server.Server.DrainAsync();
        await server.Transitions.ReachAsync(NodePhase.LameDuck);
        Assert.Equal(503, (await balancer.GetAsync("/readyz")).Status);
        await server.Server.ResumeAsync();
        await drained;
    }

    [Fact]
    public async Task An_observer_is_told_every_transition()
    {
        LogLines lines = new();
        await using var server = await TestApplication.StartAsync(configure: builder =>
        {
            builder.Logging.AddProvider(lines);
            // docs: observer
            builder.Services.AddSingleton<IConnectionObserver, ConnectionLog>();
            // docs: end
        });
        await using var client = await RawClient.ConnectAsync(server.Address);
        var id = await server.IdOfAsync(client);
        await client.GetAsync("/hello", "Connection: close\r\n");
        await server.Transitions.ReachAsync(id, ConnectionState.Closed);
        // Whatever is told of a connection is told before the server has stopped.
        await server.StopAsync();

        Assert.Equal(
            [$"{id}: (null) to New", $"{id}: New to Active", $"{id}: Active to Closed"],
            lines.Of(typeof(ConnectionLog).FullName!.Replace('+', '.')).Select(l => l.Text));
    }

    [Fact]
    public async Task A_lease_holds_a_drain_up_by_its_name()
    {
        await using var started = await TestApplication.StartAsync();
        var server = started.Server;
        Task<DrainReport> drained;
        {
            // docs: lease
            using var lease = server.HoldDrain("export 17");
            // docs: end
            drained = server.DrainAsync();
            await started.Transitions.ReachAsync(NodePhase.Draining);

            Assert.Equal("lease:export 17", Assert.Single((await server.StatusAsync()).Drain!.Blockers).Id);
        }

        Assert.Equal(0, (await drained).Stragglers);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_feed_ends_well_when_its_connection_is_to_go(bool isRead)
    {
        var items = Channel.CreateUnbounded<string>();
        var feed = items.Reader;
        await using var server = await TestApplication.StartAsync(map: app =>
        {
            // docs: feed
            app.MapGet("/feed", async (HttpContext context) =>
            {
                try
                {
                    await foreach (var item in feed.ReadAllAsync(context.DrainToken()))
                    {
                        await context.Response.WriteAsync($"data: {item}\n\n", context.RequestAborted);
                        await context.Response.Body.FlushAsync(context.RequestAborted);
                    }
                }
                catch (OperationCanceledException)
                {
                    // The connection is to go: the answer ends here, and ends well.
                }
            });
            // docs: end
        });
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendGetAsync("/feed");
        items.Writer.TryWrite("first");
        await client.ReadUntilAsync("data: first\n\n");
        if (!isRead)
        {
            // More than the kernels take: a write is under way when the drain comes.
            items.Writer.TryWrite(new string('x', 30_000_000));
        }

        var drained = server.Server.DrainAsync();
        await server.Transitions.ReachAsync(NodePhase.Draining);

        await client.ReadUntilAsync("\r\n0\r\n\r\n");
        Assert.Equal((1, 0), ((await drained).Completed, (await drained).Aborted));
    }

    [Fact]
    public async Task Another_process_asks_a_node()
    {
        var port = Ports.Free();
        var builder = WebApplication.CreateBuilder([.. Arguments, $"--ActorServer:Cluster:Port={port}"]);
        builder.AddActorServer();
        builder.AddActorServerCluster();
        await using var app = builder.Build();
        await app.StartAsync();
        var address = $"127.0.0.1:{port}";

        // docs: wire
        var config = ConfigurationFactory.ParseString("""
            akka.actor.provider = remote
            akka.remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 }
            """).WithFallback(WireSerializer.Configuration);
        using var system = ActorSystem.Create("tooling", config);
        var node = system.ActorSelection($"akka.tcp://ActorServer@{address}/user/actor-server");
        var answer = await node.Ask<IWireAnswer>(new GetStatus(), TimeSpan.FromSeconds(5));
        // docs: end

        Assert.Equal(NodePhase.Serving, Assert.IsType<StatusAnswer>(answer).Status.Phase);
        await app.StopAsync().WaitAsync(WaitMax);
    }

    // The page says app.Run() where the test starts and stops what is made.
    private static WebApplication Readme(string[] args)
    {
        // docs: readme
        var builder = WebApplication.CreateBuilder(args);

        builder.AddActorServer();       // connections are actors, and a stop drains them; opens no port
        builder.AddActorServerAdmin();  // health, status, connections and drain over HTTP, on a port of its own

        var app = builder.Build();
        app.MapGet("/", () => "hello");
        // docs: end
        return app;
    }

    private static string[] Arguments { get; }
        = ["--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=None", "--ActorServer:Drain:LameDuck=0"];

    private static T Options<T>(IDisposable app)
        where T : class
        => ((WebApplication)app).Services.GetRequiredService<IOptions<T>>().Value;

#pragma warning disable CA1812, CA1848, CA1873 // An application's own, made by its container; a page shows it as short as it can be.
    // docs: observer-class
    internal sealed class ConnectionLog(ILogger<ConnectionLog> log) : IConnectionObserver
    {
        public void OnTransition(ConnectionTransition transition)
            => log.LogInformation("{Id}: {From} to {To}", transition.Id, transition.From, transition.To);
    }
    // docs: end
#pragma warning restore CA1812, CA1848, CA1873
}
