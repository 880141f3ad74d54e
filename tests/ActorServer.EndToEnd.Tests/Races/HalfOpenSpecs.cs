using System.Net;
using System.Net.Sockets;
using ActorServer.Kestrel;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;

namespace ActorServer.EndToEnd.Tests.Races;

/// <summary>
/// Handshakes under way: the client has connected and sent its request, and its segments are late. The server's end knows of
/// a handshake only, in no queue that can be seen from the socket.
/// </summary>
public sealed class HalfOpenSpecs
{
    private const int Clients = 8;

    // Makes segments late: lets SYNs in, and nothing else. The drain's own filter takes its place, and what was dropped is sent again.
    private static readonly (ushort Code, byte True, byte False, uint Operand)[] SynOnly =
    [
        (0x30, 0, 0, 13), // load the byte at offset 13: the flags
        (0x54, 0, 0, 0x12), // keep SYN and ACK
        (0x15, 0, 1, 0x02), // SYN alone?
        (0x06, 0, 0, 0xffffffff), // pass
        (0x06, 0, 0, 0), // drop
    ];

    [Fact]
    public async Task A_port_that_does_not_wait_for_them_loses_them()
    {
        // Slow enough a computer gets the segments that are sent again in before the port closes: then it is tried again.
        var lost = 0;
        for (var i = 0; i < 5 && lost == 0; i++)
        {
            lost = await LoseAsync(builder => builder.UsePortClosing(
                log => new(TimeProvider.System, log) { AwaitsHalfOpen = false }));
        }

        Assert.NotEqual(0, lost);
    }

    // What was dropped is sent again after twice the time, each time: on a slow computer that is more than the port waits by default.
    [Fact]
    public async Task A_port_that_waits_for_them_loses_none()
        => Assert.Equal(0, await LoseAsync(builder => builder.UsePortClosing(
            log => new(TimeProvider.System, log) { QuietWaitMax = TimeSpan.FromSeconds(30) })));

    [Fact]
    public async Task A_port_where_nobody_comes_has_none()
    {
        await using var server = await TestApplication.StartAsync();
        await using var connected = await RawClient.ConnectAsync(server.Address);

        Assert.True(SocketDiagnosis.TryAnyAt(new(IPAddress.Loopback, server.Address.Port), out var any));
        Assert.Equal((false, false), (any, SocketTable.AnyAt(server.Address.Port)));
    }

    // Where it could not be attached, a port that opens again has none to take away.
    [Fact]
    public void A_filter_that_is_not_there_is_taken_away_all_the_same()
    {
        using Socket socket = new(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);

        SynFilter.Detach(socket);
        Assert.True(SynFilter.TryAttach(socket));
        SynFilter.Detach(socket);
        SynFilter.Detach(socket);
    }

    private static async Task<int> LoseAsync(Action<WebApplicationBuilder> configure)
    {
        Socket? listening = null;
        await using var server = await TestApplication.StartAsync(configure: builder =>
        {
            builder.OnListening(socket => listening = socket);
            configure(builder);
        },
        // A handshake may end without the request, by its own segment that is sent again: the request follows it.
        drain: static options => options.SilentGrace = TimeSpan.FromSeconds(10));
        Assert.True(SynFilter.TryAttach(listening!, SynOnly));
        var clients = await server.AskAsync(Clients);
        Assert.True(SocketDiagnosis.TryAnyAt(new(IPAddress.Loopback, server.Address.Port), out var any));
        Assert.Equal((true, true), (any, SocketTable.AnyAt(server.Address.Port)));
        Assert.False(HalfOpen.HasBacklog(listening!));

        var drained = server.DrainAsync();

        var lost = await clients.CountLostAsync();
        await drained;
        return lost;
    }
}
