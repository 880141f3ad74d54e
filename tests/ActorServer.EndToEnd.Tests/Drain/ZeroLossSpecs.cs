using System.Net.Sockets;
using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ActorServer.EndToEnd.Tests;

/// <summary>Busy clients through a whole drain: whatever is sent on an open connection before its close is announced is answered.</summary>
public sealed class ZeroLossSpecs
{
    private const int Clients = 12;
    private const int Rounds = 2;

    // They think for less than any grace: a client that stays silent longer may meet the close of its idle connection.
    private static readonly TimeSpan ThinkMax = TimeSpan.FromMilliseconds(4);

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [Trait("Conformance", "31")]
    public async Task Clients_that_keep_their_connections_and_come_back_lose_nothing(bool tls, bool post)
    {
        for (var round = 0; round < Rounds; round++)
        {
            await using var server = await StartAsync(TestApplication.Listen(tls));
            var loops = Enumerable.Range(0, Clients).Select(_ => LoopAsync(server.Address, post)).ToList();
            await server.Transitions.ReachAsync(ConnectionState.Idle, Clients);

            var report = await server.Server.DrainAsync();

            var answered = await Task.WhenAll(loops);
            Assert.All(answered, a => Assert.True(a > 0));
            Assert.Equal((0, 0, false), (report.Remaining, report.Stragglers, report.HasAborted));
            Assert.Equal(answered.Sum(), (await server.Server.StatusAsync()).Totals.Requests);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Clients_of_one_HTTP_2_connection_lose_nothing(bool tls)
    {
        for (var round = 0; round < Rounds; round++)
        {
            await using var server = await StartAsync(TestApplication.ListenHttp2(tls));
            using var client = TestApplication.Http2(server.Address);
            var loops = Enumerable.Range(0, Clients).Select(_ => LoopAsync(client)).ToList();
            await server.Transitions.ReachAsync(ConnectionState.Idle);

            var report = await server.Server.DrainAsync();

            Assert.All(await Task.WhenAll(loops), a => Assert.True(a > 0));
            Assert.Equal((0, 0, false), (report.Remaining, report.Stragglers, report.HasAborted));
        }
    }

    private static Task<StartedServer> StartAsync(Action<WebApplicationBuilder> configure)
        => TestApplication.StartAsync(
            map: app => app.MapPost("/upload", async (HttpRequest request) => await new StreamReader(request.Body).ReadToEndAsync()),
            configure: configure,
            drain: drain =>
            {
                drain.LameDuck = TimeSpan.FromMilliseconds(150);
                drain.Spread = TimeSpan.FromMilliseconds(50);
                drain.IdleGrace = TimeSpan.FromMilliseconds(500);
                drain.SilentGrace = TimeSpan.FromSeconds(1);
            });

    // One client: asks, thinks, asks again; comes back when it was told to go, and stops when nobody listens any more.
    private static async Task<long> LoopAsync(Uri address, bool post)
    {
        for (var answered = 0L; ;)
        {
            RawClient client;
            try
            {
                client = await RawClient.ConnectAsync(address);
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused)
            {
                return answered;
            }

            await using (client)
            {
                for (var told = false; !told; answered++)
                {
                    var response = post ? await PostAsync(client) : await client.GetAsync("/hello");
                    Assert.Equal((200, "hello"), (response.Status, response.Body));
                    told = response.AnnouncesClose;
                    await ThinkAsync();
                }
            }
        }
    }

    private static async Task<RawResponse> PostAsync(RawClient client)
    {
        await client.SendAsync("POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello");
        return await client.ReadResponseAsync();
    }

    private static async Task<long> LoopAsync(HttpClient client)
    {
        for (var answered = 0L; ; answered++)
        {
            try
            {
                Assert.Equal("hello", await client.GetStringAsync(new Uri("/hello", UriKind.Relative)));
            }
            catch (HttpRequestException exception) when (exception.HttpRequestError == HttpRequestError.ConnectionError)
            {
                return answered;
            }

            await ThinkAsync();
        }
    }

    private static Task ThinkAsync() => Task.Delay(ThinkMax * Random.Shared.NextDouble(), TimeProvider.System);
}
