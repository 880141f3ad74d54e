using System.Net.Sockets;
using ActorServer.Core;
using ActorServer.EndToEnd.Tests.Limits;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ActorServer.EndToEnd.Tests.Races;

/// <summary>
/// Frames of HTTP/2 that meet the end of their connection: whoever has sent them reads GOAWAY, and learns that they were not
/// processed, instead of being reset.
/// </summary>
public sealed class LastGoAwaySpecs
{
    private const int Rounds = 3;
    private const int Clients = 20;
    private const int Streams = 20;

    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_that_does_not_linger_resets_who_sends_after_its_end(bool tls)
        => Assert.All(await SendAfterTheEndAsync(tls, DoNotLinger), f => Assert.Equal(Fate.Reset, f));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_sends_after_the_end_is_heard_out_and_reads_GOAWAY(bool tls)
        => Assert.All(await SendAfterTheEndAsync(tls, _ => { }), f => Assert.Equal(Fate.Kept, f));

    [Fact]
    public async Task Who_sends_after_the_end_over_a_Unix_socket_is_heard_out()
    {
        var folder = Directory.CreateTempSubdirectory("last-");
        try
        {
            UnixDomainSocketEndPoint path = new(Path.Combine(folder.FullName, "socket"));
            await using var server = await TestApplication.StartAsync(configure: TestApplication.Kestrel(
                k => k.ListenUnixSocket(path.ToString(), static endpoint => endpoint.Protocols = HttpProtocols.Http2)));
            await using var client = await Http2Client.ConnectAsync(path);
            await client.OpenAsync(1, "/hello");
            await client.ReadResponseAsync(1);
            var id = (await server.Transitions.ReachAsync(ConnectionState.Idle))[0];

            await server.Server.Connection(id).CloseAsync();
            await client.ReadUntilAsync(static f => f.Type == Http2FrameType.GoAway);
            await LateFrames.WriteBodyAsync(client, 3);

            Assert.Empty(await client.ReadToEndAsync());
            await server.Transitions.ReachAsync(id, ConnectionState.Closed);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Streams_that_cross_the_close_of_an_idle_connection_are_answered_or_were_not_processed(bool tls)
    {
        await using var server = await TestApplication.StartAsync(configure: TestApplication.ListenHttp2(tls));
        for (var round = 0; round < Rounds; round++)
        {
            var clients = await IdleClientsAsync(server, Clients, round * Clients);

            var fates = await Task.WhenAll(clients.Select(async c =>
            {
                var closed = server.Server.Connection(c.Id).CloseAsync();
                var fate = await LateFrames.OpenAsync(c.Client, first: 3, Streams);
                await closed;
                await c.Client.DisposeAsync();
                return fate;
            })).WaitAsync(WaitMax);

            Assert.All(fates, f => Assert.Equal(Fate.Kept, f));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Conformance", "55")]
    public async Task Streams_that_cross_the_close_of_a_drain_are_answered_or_were_not_processed(bool tls)
    {
        for (var round = 0; round < Rounds; round++)
        {
            await using var server = await TestApplication.StartAsync(configure: TestApplication.ListenHttp2(tls));
            var clients = await IdleClientsAsync(server, Clients, known: 0);

            var drained = server.Server.DrainAsync();
            var fates = await Task.WhenAll(clients.Select(c => LateFrames.OpenAsync(c.Client, first: 3, Streams))).WaitAsync(WaitMax);

            Assert.All(fates, f => Assert.Equal(Fate.Kept, f));
            Assert.Equal((Clients, 0, 0), ((await drained).Initial, (await drained).Aborted, (await drained).Remaining));
            await Task.WhenAll(clients.Select(c => c.Client.DisposeAsync().AsTask()));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_that_a_client_has_begun_and_not_sent_is_sent_again(bool tls)
    {
        await using var server = await TestApplication.StartAsync(configure: TestApplication.ListenHttp2(tls));
        for (var round = 0; round < Rounds; round++)
        {
            TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
            using ManualResetEventSlim mayGoOn = new();
            using var client = TestApplication.Http2(server.Address, whenBegun: request =>
            {
                if (request.RequestUri!.Query.Length > 0 && begun.TrySetResult())
                {
                    mayGoOn.Wait(WaitMax);
                }
            });
            Assert.Equal("hello", await client.GetStringAsync(new Uri("/hello", UriKind.Relative)));
            var id = (await server.Transitions.ReachAsync(ConnectionState.New, (2 * round) + 1))[^1];

            var answer = Task.Run(() => client.GetStringAsync(new Uri("/hello?late", UriKind.Relative)));
            await begun.Task.WaitAsync(WaitMax);
            await server.Server.Connection(id).CloseAsync();
            await server.Transitions.ReachAsync(id, ConnectionState.Closed);
            for (var i = 0; i < 1000; i++)
            {
                // The client reads what was sent.
                await server.Server.StatusAsync();
            }

            mayGoOn.Set();

            Assert.Equal("hello", await answer);
        }
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task The_first_request_that_a_client_has_begun_and_not_sent_is_sent_again(bool tls, bool drains)
    {
        for (var round = 0; round < Rounds; round++)
        {
            await using var server = await TestApplication.StartAsync(configure: TestApplication.ListenHttp2(tls));
            await using var other = await TestApplication.StartAsync(configure: TestApplication.ListenHttp2(tls));
            TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
            using ManualResetEventSlim mayGoOn = new();
            using var client = TestApplication.Http2(
                server.Address,
                whenBegun: _ =>
                {
                    if (begun.TrySetResult())
                    {
                        mayGoOn.Wait(WaitMax);
                    }
                },
                next: other.Address);

            var answer = Task.Run(() => client.GetStringAsync(new Uri("/hello", UriKind.Relative)));
            await begun.Task.WaitAsync(WaitMax);
            var id = (await server.Transitions.ReachAsync(ConnectionState.New))[0];
            await (drains ? (Task)server.Server.DrainAsync() : server.Server.Connection(id).CloseAsync());
            await server.Transitions.ReachAsync(id, ConnectionState.Closed);
            for (var i = 0; i < 1000; i++)
            {
                // The client reads what was sent.
                await server.Server.StatusAsync();
            }

            mayGoOn.Set();

            Assert.Equal("hello", await answer);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Conformance", "51")]
    public async Task Streams_beyond_a_limit_of_requests_are_answered_or_were_not_processed(bool tls)
    {
        await using var server = await TestApplication.StartAsync(
            configure: TestApplication.ListenHttp2(tls) + LimitSetup.Limit(l => l.MaxRequestsPerConnection = 5));
        for (var round = 0; round < Rounds; round++)
        {
            var fates = await Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
            {
                await using var client = await Http2Client.ConnectAsync(server.Address);
                return await LateFrames.OpenAsync(client, first: 1, Streams);
            })).WaitAsync(WaitMax);

            Assert.All(fates, f => Assert.Equal(Fate.Kept, f));
        }
    }

    private static void DoNotLinger(WebApplicationBuilder builder) => builder.UseGate(kestrel => new(kestrel) { Lingers = false });

    private static async Task<IReadOnlyList<Fate>> SendAfterTheEndAsync(bool tls, Action<WebApplicationBuilder> configure)
    {
        await using var server = await TestApplication.StartAsync(configure: TestApplication.ListenHttp2(tls) + configure);
        return await Task.WhenAll((await IdleClientsAsync(server, Clients, known: 0)).Select(async c =>
        {
            await server.Server.Connection(c.Id).CloseAsync();
            await server.Transitions.ReachAsync(c.Id, ConnectionState.Closed);

            var fate = await LateFrames.SendBodyAsync(c.Client, 3);
            await c.Client.DisposeAsync();
            return fate;
        }));
    }

    private static async Task<IReadOnlyList<(Http2Client Client, string Id)>> IdleClientsAsync(StartedServer server, int count, int known)
    {
        List<(Http2Client, string)> clients = [];
        for (var i = 0; i < count; i++)
        {
            var client = await Http2Client.ConnectAsync(server.Address);
            await client.OpenAsync(1, "/hello");
            await client.ReadResponseAsync(1);
            clients.Add((client, (await server.Transitions.ReachAsync(ConnectionState.New, known + i + 1))[known + i]));
            await server.Transitions.ReachAsync(clients[i].Item2, ConnectionState.Idle);
        }

        return clients;
    }
}
