using ActorServer.DrainLab;
using ActorServer.TestKit;

namespace ActorServer.EndToEnd.Tests.Lab;

/// <summary>An application with a clustered actor system of its own: its node is reached, drains before it leaves, and ends well.</summary>
public sealed class OwnClusterSpecs : IAsyncLifetime, IDisposable
{
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromSeconds(120));
    private readonly Fleet _shops = new(
        [FleetNode.Create("shop1", ServerKind.Shop), FleetNode.Create("shop2", ServerKind.Shop)],
        "--ActorServer:Drain:LameDuck=0", "--ActorServer:Drain:Spread=0", "--ActorServer:Drain:IdleGrace=0", "--ActorServer:Drain:SilentGrace=0");

    private FleetNode Other => _shops.Nodes[0];

    private FleetNode Shop => _shops.Nodes[1];

    public Task InitializeAsync() => _shops.StartAsync(_patience.Token);

    public async Task DisposeAsync() => await _shops.DisposeAsync();

    public void Dispose() => _patience.Dispose();

    [Fact]
    [Trait("Conformance", "119")]
    public async Task It_is_drained_by_a_message_from_another_node_and_drains_before_it_leaves()
    {
        using HttpClient client = new() { BaseAddress = new($"http://{Shop.Application}") };
        Assert.Equal("hello", await client.GetStringAsync("/hello"));
        // What is the application's own stays so.
        Assert.Equal("shop.counter 7 shop", await client.GetStringAsync("/counter"));

        await DrainsAsync(() => Other.CtlAsync(["drain", "--wait", "--on", Shop.Name], _patience.Token));
        Assert.Equal(0, (await Other.CtlAsync(["resume", "--on", Shop.Name], _patience.Token)).Code);
        await _shops.SayAsync(Shop, "Serving", _patience.Token);

        await DrainsAsync(() => Other.CtlAsync(["leave", "--wait", "--on", Shop.Name], _patience.Token));
        Assert.Equal(0, await Shop.ExitAsync(_patience.Token));
        await _shops.KnowEachOtherAsync([Other], _patience.Token);
    }

    /// <summary>Why the application may end its actor system: Akka's reasons and its own; and how its process ends then.</summary>
    public static TheoryData<string, int> Reasons => new()
    {
        { "the application's own", 0 },
        { "ActorSystemTerminateReason", 0 },
        { "ClrExitReason", 0 },
        { "ClusterLeavingReason", 0 },
        // It did not choose to go.
        { "ClusterDowningReason", 255 },
    };

    [Theory]
    [MemberData(nameof(Reasons))]
    [Trait("Conformance", "119")]
    public async Task Whatever_ends_its_actor_system_drains_it_first(string reason, int exit)
    {
        await DrainsAsync(async () =>
        {
            using HttpClient client = new() { BaseAddress = new($"http://{Shop.Application}") };
            using var answer = await client.PostAsync($"/end?reason={reason}", null, _patience.Token);
            return new(reason, answer.IsSuccessStatusCode ? 0 : 1, "", "");
        });

        Assert.Equal(exit, await Shop.ExitAsync(_patience.Token));
        await _shops.KnowEachOtherAsync([Other], _patience.Token);
    }

    // A request that is on its way is answered while the drain waits for it.
    private async Task DrainsAsync(Func<Task<CtlEnd>> begin)
    {
        await using var busy = await RawClient.ConnectAsync(Shop.Application);
        await busy.SendAsync("POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6\r\n\r\nabc");
        // It is on its way.
        await _shops.ConnectionAsync(Shop, "active", _patience.Token);
        var drain = begin();
        await _shops.PhaseAsync(Other, Shop, "Draining", _patience.Token);
        await busy.SendAsync("def");

        var answer = await busy.ReadResponseAsync();
        Assert.Equal("6", answer.Body);
        Assert.True(answer.AnnouncesClose);
        var end = await drain;
        Assert.True(end.Code == 0, end.ToString());
    }
}
