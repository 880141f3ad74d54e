using System.Net;
using System.Net.Sockets;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace ActorServer.EndToEnd.Tests.Steering;

/// <summary>A server with ports of every kind, and their clients.</summary>
internal sealed class EndpointSet : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("steering-");

    public StartedServer Server { get; private set; } = null!;

    private string SocketPath => Path.Combine(_folder.FullName, "socket");

    private IEnumerable<Uri> Addresses => Server.Addresses.Where(static a => a.IsLoopback && a.Host != "unix");

    public static async Task<EndpointSet> StartAsync()
    {
        EndpointSet set = new();
        set.Server = await TestApplication.StartAsync(configure: TestApplication.Kestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0, static endpoint => endpoint.UseHttps(Certificates.Localhost));
            kestrel.ListenUnixSocket(set.SocketPath);
        }));
        Assert.Equal(3, set.Addresses.Count());
        return set;
    }

    /// <summary>A new connection to each of them.</summary>
    public async Task<IReadOnlyList<RawClient>> ConnectAsync()
        => await Task.WhenAll([.. Addresses.Select(a => RawClient.ConnectAsync(a)), RawClient.ConnectAsync(Unix())]);

    /// <summary>None of them lets anybody in.</summary>
    public async Task AssertRefusesAsync()
    {
        foreach (var address in Addresses)
        {
            await TestApplication.AssertRefusesAsync(address);
        }

        Assert.False(File.Exists(SocketPath));
        await Assert.ThrowsAnyAsync<SocketException>(() => RawClient.ConnectAsync(Unix()));
    }

    /// <summary>Each of them serves as on the first day: more than one request on a connection.</summary>
    public async Task AssertServesAsync()
    {
        foreach (var client in await ConnectAsync())
        {
            await using (client)
            {
                for (var i = 0; i < 3; i++)
                {
                    var response = await client.GetAsync("/hello");
                    Assert.Equal((200, "hello", false), (response.Status, response.Body, response.AnnouncesClose));
                }
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private UnixDomainSocketEndPoint Unix() => new(SocketPath);
}
