using System.Net.Sockets;
using ActorServer.Core;
using ActorServer.Kestrel;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace ActorServer.EndToEnd.Tests.Races;

/// <summary>Unix sockets: no handshake, no filter, but a queue and a path.</summary>
public sealed class UnixSocketSpecs : IDisposable
{
    private const int Clients = 8;
    private const int Tries = 5;

    // Several times as often as a port is looked at before it counts as quiet.
    private const int Looks = 60;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("races-");

    private UnixDomainSocketEndPoint EndPoint => new(Path.Combine(_folder.FullName, "socket"));

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    [Trait("Conformance", "31")]
    public async Task A_socket_that_closes_at_once_loses_who_has_not_been_accepted()
    {
        using HeldAccept accept = new();
        await using var server = await StartAsync(builder =>
        {
            accept.AddTo(builder.Logging);
            builder.UsePortClosing(log => new(TimeProvider.System, log) { AwaitsQuiet = false });
        });
        await using var first = await RawClient.ConnectAsync(EndPoint);
        await accept.Holds;
        var clients = await AskAsync();

        var drained = server.DrainAsync();

        Assert.Equal(Clients, await clients.CountLostAsync());
        accept.Release();
        await drained;
    }

    [Fact]
    [Trait("Conformance", "31")]
    public async Task A_socket_that_closes_once_it_is_quiet_loses_nobody()
    {
        using HeldAccept accept = new();
        WatchedTime time = new();
        await using var server = await StartAsync(builder =>
        {
            accept.AddTo(builder.Logging);
            builder.UsePortClosing(log => new(time, log));
        });
        await using var first = await RawClient.ConnectAsync(EndPoint);
        await accept.Holds;
        var clients = await AskAsync();

        var drained = server.DrainAsync();
        var lost = clients.CountLostAsync();
        // A socket that closes too early loses them all, and is looked at no more.
        await Task.WhenAny(time.LookedAtAsync(Looks), lost);
        accept.Release();

        Assert.Equal(0, await lost);
        await drained;
    }

    [Fact]
    public async Task A_path_that_stays_until_the_end_loses_some_of_those_who_keep_coming()
    {
        var lost = 0;
        for (var i = 0; i < Tries && lost == 0; i++)
        {
            lost = await LoseAsync(builder => builder.UsePortClosing(
                log => new(TimeProvider.System, log) { UnlinksFirst = false, QuietWaitMax = TimeSpan.FromMilliseconds(100) }));
        }

        Assert.NotEqual(0, lost);
    }

    [Fact]
    public async Task A_path_that_goes_first_loses_nobody()
    {
        Assert.Equal(0, await LoseAsync(_ => { }));
        Assert.False(File.Exists(EndPoint.ToString()));
    }

    [Fact]
    public async Task A_socket_of_dotnet_deletes_its_successors_path()
    {
        using Socket first = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        first.Bind(EndPoint);
        first.Listen();
        using var successor = Succeed();

        first.Dispose();

        await Assert.ThrowsAnyAsync<SocketException>(() => RawClient.ConnectAsync(EndPoint));
    }

    [Fact]
    public async Task A_server_leaves_its_successors_path_alone()
    {
        var server = await StartAsync(_ => { });
        await using (server)
        {
            using var successor = Succeed();

            await server.DrainAsync();
            await server.StopAsync();
            await server.DisposeAsync();

            await using var client = await RawClient.ConnectAsync(EndPoint);
            using var accepted = await successor.AcceptAsync();
            Assert.True(accepted.Connected);
        }
    }

    private async Task<int> LoseAsync(Action<WebApplicationBuilder> configure)
    {
        await using var server = await StartAsync(configure);
        var clients = await LoopingClients.StartAsync(EndPoint, 2 * Clients);

        var drained = server.DrainAsync();

        var lost = await clients.CountLostAsync();
        await drained;
        return lost;
    }

    private Task<StartedServer> StartAsync(Action<WebApplicationBuilder> configure)
        => TestApplication.StartAsync(
            configure: builder =>
            {
                TestApplication.Kestrel(kestrel => kestrel.ListenUnixSocket(EndPoint.ToString()))(builder);
                configure(builder);
            },
            // A silent connection has time to ask: this is about the socket.
            drain: d => d.SilentGrace = TimeSpan.FromSeconds(1));

    private async Task<IReadOnlyList<RawClient>> AskAsync()
    {
        List<RawClient> clients = [];
        for (var i = 0; i < Clients; i++)
        {
            clients.Add(await RawClient.ConnectAsync(EndPoint));
            await clients[^1].SendGetAsync("/hello");
        }

        return clients;
    }

    // What any server does that takes a path over: the old file goes, a new socket takes its name.
    private Socket Succeed()
    {
        File.Delete(EndPoint.ToString()!);
        Socket successor = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        successor.Bind(EndPoint);
        successor.Listen();
        return successor;
    }
}
