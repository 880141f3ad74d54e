using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;
using Akka.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ActorServer.DrainLab;

/// <summary>An application with an actor system, a dispatcher, a role and a cluster of its own, that serves by ActorServer.</summary>
internal static class ShopServer
{
    public const string System = "Shop";

    public static async Task<int> RunAsync(string[] arguments)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = arguments, ContentRootPath = AppContext.BaseDirectory });
        // The lab's names for them: what they are set to is the application's own business.
        var cluster = builder.Configuration.GetSection("ActorServer:Cluster");
        var seeds = cluster["SeedNodes"]!.Split(',').Select(static seed => $"\"akka.tcp://{System}@{seed}\"");
        builder.Services.AddAkka(System, akka => akka
            .AddHocon(
                $$"""
                akka.actor.provider = cluster
                akka.remote.dot-netty.tcp { hostname = "{{cluster["Hostname"]}}", port = {{cluster["Port"]}} }
                akka.cluster { seed-nodes = [{{string.Join(", ", seeds)}}], roles = [shop] }
                shop.counter { type = ForkJoinDispatcher, throughput = 7, dedicated-thread-pool { thread-count = 1 } }
                """,
                HoconAddMode.Append)
            .WithActors((system, registry) => registry.Register<Counter>(
                system.ActorOf(Props.Create<Counter>().WithDispatcher("shop.counter"), "counter")))
            .WithActorServer());
        builder.AddActorServer();
        // Whoever sends half a request may take his time with the other half.
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Limits.MinRequestBodyDataRate = null);

        await using var app = builder.Build();
        app.MapGet("/hello", () => "hello");
        app.MapPost("/upload", async (HttpRequest request, CancellationToken gone) =>
        {
            using MemoryStream body = new();
            await request.Body.CopyToAsync(body, gone);
            return body.Length;
        });
        app.MapGet("/counter", (ActorRegistry actors) => actors.Get<Counter>().Ask<string>("who"));
        app.MapPost("/end", (ActorSystem system, string reason) =>
        {
            _ = CoordinatedShutdown.Get(system).Run(Reason(reason));
            return reason;
        });
        await app.RunAsync();
        return Environment.ExitCode;
    }

    // By name, as Akka has them; any other is the application's own.
    private static CoordinatedShutdown.Reason Reason(string name)
        => (CoordinatedShutdown.Reason?)typeof(CoordinatedShutdown).GetNestedType(name)?.GetField("Instance")!.GetValue(null) ?? new ClosingTime();

    /// <summary>What the application does with actors.</summary>
    private sealed class Counter : ReceiveActor
    {
        public Counter() => Receive<string>(_ => Sender.Tell(
            $"{Context.Dispatcher.Id} {Context.Dispatcher.Throughput} {string.Join(',', Akka.Cluster.Cluster.Get(Context.System).SelfRoles)}"));
    }

    private sealed class ClosingTime : CoordinatedShutdown.Reason
    {
        public override int ExitCode => 0;
    }
}
