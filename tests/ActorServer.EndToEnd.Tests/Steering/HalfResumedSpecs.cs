using System.Net;
using System.Net.Sockets;
using ActorServer.Actors;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace ActorServer.EndToEnd.Tests.Steering;

/// <summary>The moment in which one port is bound again and it is not known yet whether the other can be.</summary>
public sealed class HalfResumedSpecs
{
    // A cut connection's client would have sent its request.
    [Fact]
    [Trait("Conformance", "41")]
    public async Task Nobody_is_let_in_if_it_comes_to_nothing()
    {
        Between between = new();
        await using var server = await StartAsync(between);
        using var taker = TakenPortSpecs.Take(new(IPAddress.Loopback, server.Addresses[1].Port));

        await Assert.ThrowsAsync<DrainRefusedException>(() => server.Server.ResumeAsync());

        var refused = await Assert.ThrowsAnyAsync<SocketException>(() => between.Visitor!);
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
    }

    [Fact]
    [Trait("Conformance", "82")]
    public async Task Whoever_comes_is_let_in_if_it_succeeds()
    {
        Between between = new();
        await using var server = await StartAsync(between);

        await server.Server.ResumeAsync();

        await using var visitor = await between.Visitor!;
        Assert.Equal("hello", (await visitor.GetAsync("/hello")).Body);
        Assert.Equal("hello", (await visitor.GetAsync("/hello")).Body);
    }

    private static async Task<StartedServer> StartAsync(Between between)
    {
        var server = await TestApplication.StartAsync(configure: builder =>
        {
            TestApplication.Kestrel(static kestrel =>
            {
                kestrel.Listen(IPAddress.Loopback, 0);
                kestrel.Listen(IPAddress.Loopback, 0);
            })(builder);
            between.AddTo(builder);
        });
        await server.Server.DrainAsync();
        (between.First, between.Second) = (EndPoint(server, 0), EndPoint(server, 1));
        return server;
    }

    private static IPEndPoint EndPoint(StartedServer server, int which)
        => new(IPAddress.Loopback, server.Addresses[which].Port);

    /// <summary>Connects to the first port just before the second is bound.</summary>
    private sealed class Between
    {
        public IPEndPoint? First { get; set; }

        public IPEndPoint? Second { get; set; }

        public Task<RawClient>? Visitor { get; private set; }

        public void AddTo(WebApplicationBuilder builder) => builder.Services.Configure<SocketTransportOptions>(options =>
        {
            var create = options.CreateBoundListenSocket;
            options.CreateBoundListenSocket = endPoint =>
            {
                if (endPoint.Equals(Second))
                {
                    // The first packet is out when it returns, and the kernel has answered it, or not.
                    Visitor = RawClient.ConnectAsync(First!);
                }

                return create(endPoint);
            };
        });
    }
}
