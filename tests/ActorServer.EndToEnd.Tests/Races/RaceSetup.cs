using System.Net.Sockets;
using ActorServer.Core;
using ActorServer.Kestrel;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ActorServer.EndToEnd.Tests.Races;

/// <summary>Servers with a cure switched off, and what a test of a race needs besides.</summary>
internal static class RaceSetup
{
    /// <summary>Closes ports in this way.</summary>
    public static void UsePortClosing(this WebApplicationBuilder builder, Func<Log, PortClosing> make)
        => builder.Services.AddSingleton(services => make(services.GetRequiredService<Log>()));

    /// <summary>Uses this gate.</summary>
    public static void UseGate(this WebApplicationBuilder builder, Func<IOptions<KestrelServerOptions>, ListenerGate> make)
        => builder.Services.AddSingleton(services => make(services.GetRequiredService<IOptions<KestrelServerOptions>>()));

    /// <summary>Hands out the sockets that the server listens on.</summary>
    public static void OnListening(this WebApplicationBuilder builder, Action<Socket> bound)
        => builder.Services.Configure<SocketTransportOptions>(options =>
        {
            var create = options.CreateBoundListenSocket;
            options.CreateBoundListenSocket = endPoint =>
            {
                var socket = create(endPoint);
                bound(socket);
                return socket;
            };
        });

    /// <summary>Connects clients that have sent a request each, and not read an answer.</summary>
    public static async Task<IReadOnlyList<RawClient>> AskAsync(this StartedServer server, int count, string path = "/hello")
    {
        List<RawClient> clients = [];
        for (var i = 0; i < count; i++)
        {
            clients.Add(await RawClient.ConnectAsync(server.Address));
            await clients[^1].SendGetAsync(path);
        }

        return clients;
    }

    /// <summary>How many of these requests are not answered; ends the clients.</summary>
    public static async Task<int> CountLostAsync(this IEnumerable<RawClient> clients)
    {
        var answered = await Task.WhenAll(clients.Select(async client =>
        {
            await using (client)
            {
                return await client.IsAnsweredAsync();
            }
        }));
        return answered.Count(a => !a);
    }

    /// <summary>Reads an answer.</summary>
    /// <returns>False when the connection ends first.</returns>
    public static async Task<bool> IsAnsweredAsync(this RawClient client)
    {
        try
        {
            var response = await client.ReadResponseAsync();
            Assert.Equal(200, response.Status);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Waits until the ports are closed, and each connection accepted before has been told so.</summary>
    public static Task PortsClosedAsync(this StartedServer server) => server.Services.GetRequiredService<ListenerGate>().CloseAsync();

    /// <summary>A drain that closes the ports at once, and waits as long as it takes.</summary>
    public static Task<DrainReport> DrainAsync(this StartedServer server)
        => server.Server.DrainAsync(new(DrainTrigger.Code, Budget: Duration.Infinite));
}
