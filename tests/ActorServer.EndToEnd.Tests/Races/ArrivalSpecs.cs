using System.Net;
using ActorServer.Kestrel;
using Microsoft.AspNetCore.Builder;

namespace ActorServer.EndToEnd.Tests.Races;

/// <summary>Clients that keep coming while a port closes: without a filter it never becomes quiet.</summary>
public sealed class ArrivalSpecs
{
    private const int Clients = 16;
    private const int Tries = 5;

    [Fact]
    [Trait("Conformance", "31")]
    public async Task A_port_without_a_filter_loses_some()
    {
        var lost = 0;
        for (var i = 0; i < Tries && lost == 0; i++)
        {
            lost = await LoseAsync(builder => builder.UsePortClosing(
                log => new(TimeProvider.System, log) { Filters = false, QuietWaitMax = TimeSpan.FromMilliseconds(100) }));
        }

        Assert.NotEqual(0, lost);
    }

    [Fact]
    [Trait("Conformance", "31")]
    public async Task A_port_that_lets_no_handshake_begin_loses_none() => Assert.Equal(0, await LoseAsync(_ => { }));

    private static async Task<int> LoseAsync(Action<WebApplicationBuilder> configure)
    {
        // A silent connection has time to ask: this is about the port.
        await using var server = await TestApplication.StartAsync(configure: configure, drain: d => d.SilentGrace = TimeSpan.FromMinutes(1));
        var clients = await LoopingClients.StartAsync(new IPEndPoint(IPAddress.Loopback, server.Address.Port), Clients);

        var drained = server.DrainAsync();

        var lost = await clients.CountLostAsync();
        await drained;
        return lost;
    }
}
