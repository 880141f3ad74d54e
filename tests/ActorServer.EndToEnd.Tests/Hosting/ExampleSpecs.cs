using System.Globalization;
using ActorServer.Actors;
using ActorServer.Cluster;
using ActorServer.Cluster.Tests.Support;
using ActorServer.Core;
using ActorServer.Core.Wire;
using ActorServer.DrainLab;
using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Wire = ActorServer.Core.Wire;

namespace ActorServer.EndToEnd.Tests;

/// <summary>The examples of docs/hosting.md run: nodes in clusters of ActorServer's own and of the application's, with and without TLS.</summary>
public sealed class ExampleSpecs : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    private readonly TestAuthority _authority = new();
    private readonly List<WebApplication> _apps = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var app in _apps)
        {
            await app.DisposeAsync();
        }
    }

    public void Dispose() => _authority.Dispose();

    [Fact]
    public async Task One_line_makes_members_of_one_cluster()
    {
        var seed = Ports.Free();
        var first = await StartAsync(OneLine([.. Arguments("web-1"), $"--ActorServer:Cluster:Port={seed}"]));
        var second = await StartAsync(OneLine([.. Arguments("web-2"), "--ActorServer:Cluster:Port=0", $"--ActorServer:Cluster:SeedNodes=127.0.0.1:{seed}"]));

        await AssertOneClusterAsync(first, second, "akka.tcp");
    }

    [Fact]
    public async Task The_applications_own_system_is_a_member()
    {
        var seed = Ports.Free();
        var first = await StartAsync(OwnSystem(seed, seed, "web-1"));
        var second = await StartAsync(OwnSystem(0, seed, "web-2"));

        await AssertOneClusterAsync(first, second, "akka.tcp");
    }

    [Fact]
    public async Task The_applications_own_system_may_have_TLS()
    {
        var seed = Ports.Free();
        var first = await StartAsync(OwnTls(seed, seed, "web-1"));
        var second = await StartAsync(OwnTls(0, seed, "web-2"));

        await AssertOneClusterAsync(first, second, "akka.ssl.tcp");
    }

    [Theory]
    [InlineData("/system/distributedPubSubMediator", false)]
    [InlineData("/system/distributedPubSubMediator", true)]
    [InlineData("/system/receptionist", true)]
    public async Task In_it_too_a_change_from_another_that_comes_in_an_envelope_must_name_its_node(string post, bool toAll)
    {
        var seed = Ports.Free();
        var first = await StartAsync(OwnSystem(seed, seed, "web-1"));
        var second = await StartAsync(OwnSystem(0, seed, "web-2"));
        await UpAsync(first, 2);
        var sender = System(second);
        using var inbox = Inbox.Create(sender);

        foreach (var change in (IWireChange[])[new Wire.Suspend(), new Wire.Drain(), new Wire.Leave(), new Wire.Resume()])
        {
            sender.ActorSelection($"{Address(first)}{post}").Tell(
                toAll ? new SendToAll("/user/actor-server", change) : new Send("/user/actor-server", change, localAffinity: true), inbox.Receiver);
            Assert.Equal(RefusalCode.NodeNotNamed, Assert.IsType<Refused>(await inbox.ReceiveAsync(WaitMax)).Code);
        }

        Assert.Equal(NodePhase.Serving, (await first.Services.GetRequiredService<ActorServerNode>().StatusAsync()).Phase);
    }

    // docs/hosting.md says app.Run() where this test starts and stops what is made.
    private static WebApplication OneLine(string[] args)
    {
        // docs: one-line
        var builder = WebApplication.CreateBuilder(args);

        builder.AddActorServer();         // connections are actors, and a stop drains them
        builder.AddActorServerCluster();  // remoting on 127.0.0.1:4053, a member of a cluster, heard by other processes

        var app = builder.Build();
        app.MapGet("/", () => "hello");
        // docs: end
        return app;
    }

    private static WebApplication OwnSystem(int ownPort, int seedPort, string node)
    {
        string[] args = [.. Arguments(node), $"--Shop:Port={ownPort}", $"--Shop:SeedPort={seedPort}"];
        // docs: own-system
        var builder = WebApplication.CreateBuilder(args);
        var shop = builder.Configuration.GetSection("Shop");
        var port = shop.GetValue("Port", 4053);          // where this node listens; 0: any port that is free
        var seed = shop.GetValue("SeedPort", 4053);      // the node by which the others join

        builder.Services.AddAkka("Shop", akka => akka
            .AddHocon($$"""
                akka.actor.provider = cluster
                akka.remote.dot-netty.tcp { hostname = 127.0.0.1, port = {{port}} }
                akka.cluster.seed-nodes = ["akka.tcp://Shop@127.0.0.1:{{seed}}"]
                """, HoconAddMode.Append)
            .WithActorServer());
        builder.AddActorServer();
        // docs: end
        return builder.Build();
    }

    private WebApplication OwnTls(int ownPort, int seedPort, string node)
    {
        var (certificate, key) = _authority.Sign(node);
        string[] args =
        [
            .. Arguments(node), $"--Shop:Port={ownPort}", $"--Shop:SeedPort={seedPort}",
            $"--Shop:Certificate={certificate}", $"--Shop:Key={key}", $"--Shop:Authority={_authority.Path}",
        ];
        // docs: own-tls
        var builder = WebApplication.CreateBuilder(args);
        var shop = builder.Configuration.GetSection("Shop");
        var port = shop.GetValue("Port", 4053);          // where this node listens; 0: any port that is free
        var seed = shop.GetValue("SeedPort", 4053);      // the node by which the others join
        var certificates = PeerCertificates.Load(
            certificate: shop["Certificate"] ?? "certs/node.pem",
            key: shop["Key"] ?? "certs/node.key",
            authority: shop["Authority"] ?? "certs/ca.pem");

        builder.Services.AddAkka("Shop", akka => akka
            .AddHocon($$"""
                akka.actor.provider = cluster
                akka.remote.dot-netty.tcp { hostname = 127.0.0.1, port = {{port}}, enable-ssl = true }
                akka.cluster.seed-nodes = ["akka.ssl.tcp://Shop@127.0.0.1:{{seed}}"]
                """, HoconAddMode.Append)
            .AddSetup(certificates.ToSetup())
            .WithActorServer());
        builder.AddActorServer();
        // docs: end
        return builder.Build();
    }

    private static string[] Arguments(string node)
        => ["--urls=http://127.0.0.1:0", $"--ActorServer:Node={node}", "--Logging:LogLevel:Default=None", "--ActorServer:Drain:LameDuck=0"];

    private async Task<WebApplication> StartAsync(WebApplication app)
    {
        _apps.Add(app);
        await app.StartAsync().WaitAsync(WaitMax);
        return app;
    }

    private static async Task AssertOneClusterAsync(WebApplication first, WebApplication second, string protocol)
    {
        await Task.WhenAll(UpAsync(first, 2), UpAsync(second, 2));
        Assert.Equal(protocol, Address(first).Protocol);

        // Each of them is asked by way of the other.
        foreach (var (asked, meant) in (ValueTuple<WebApplication, string>[])[(first, "web-2"), (second, "web-1")])
        {
            var answer = await System(asked).ActorSelection("/user/actor-server").Ask<object>(new Wire.GetStatus(meant), WaitMax);
            Assert.Equal(meant, Assert.IsType<StatusAnswer>(answer).Status.Node);
        }

        await second.StopAsync().WaitAsync(WaitMax);
        await first.StopAsync().WaitAsync(WaitMax);
    }

    private static async Task UpAsync(WebApplication app, int members)
    {
        using var inbox = Inbox.Create(System(app));
        var cluster = Akka.Cluster.Cluster.Get(System(app));
        cluster.Subscribe(inbox.Receiver, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.MemberUp));
        for (var up = 0; up < members; up++)
        {
            Assert.IsType<ClusterEvent.MemberUp>(await inbox.ReceiveAsync(WaitMax));
        }

        cluster.Unsubscribe(inbox.Receiver);
    }

    private static ActorSystem System(WebApplication app) => app.Services.GetRequiredService<ActorSystem>();

    private static Address Address(WebApplication app) => Akka.Cluster.Cluster.Get(System(app)).SelfAddress;
}
