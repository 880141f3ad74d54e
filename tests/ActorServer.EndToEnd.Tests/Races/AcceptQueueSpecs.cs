using ActorServer.Kestrel;
using ActorServer.TestKit;

namespace ActorServer.EndToEnd.Tests.Races;

/// <summary>Connections that the kernel has accepted and nobody has taken: a port that closes resets them.</summary>
public sealed class AcceptQueueSpecs
{
    private const int Clients = 8;

    // Several times as often as a port is looked at before it counts as quiet.
    private const int Looks = 60;

    [Fact]
    [Trait("Conformance", "31")]
    public async Task A_port_that_closes_at_once_loses_them()
    {
        using HeldAccept accept = new();
        await using var server = await TestApplication.StartAsync(configure: builder =>
        {
            accept.AddTo(builder.Logging);
            builder.UsePortClosing(log => new(TimeProvider.System, log) { Filters = false, AwaitsHalfOpen = false, AwaitsQuiet = false });
        });
        await using var first = await RawClient.ConnectAsync(server.Address);
        await accept.Holds;
        var clients = await server.AskAsync(Clients);

        var drained = server.DrainAsync();

        Assert.Equal(Clients, await clients.CountLostAsync());
        accept.Release();
        await drained;
    }

    [Fact]
    [Trait("Conformance", "31")]
    public async Task A_port_that_closes_once_it_is_quiet_loses_none()
    {
        using HeldAccept accept = new();
        WatchedTime time = new();
        await using var server = await TestApplication.StartAsync(configure: builder =>
        {
            accept.AddTo(builder.Logging);
            builder.UsePortClosing(log => new(time, log));
        });
        await using var first = await RawClient.ConnectAsync(server.Address);
        await accept.Holds;
        var clients = await server.AskAsync(Clients);

        var drained = server.DrainAsync();
        await time.LookedAtAsync(Looks);
        Assert.False(server.PortsClosedAsync().IsCompleted);
        accept.Release();

        Assert.Equal(0, await clients.CountLostAsync());
        await drained;
    }
}
