using ActorServer.Core;
using ActorServer.EndToEnd.Tests.Limits;
using ActorServer.TestKit;
using Xunit.Abstractions;

namespace ActorServer.EndToEnd.Tests.Races;

public sealed class LastGoAwaySpecs(ITestOutputHelper output)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Body(bool tls)
    {
        List<Fate> fates = [];
        await using var server = await TestApplication.StartAsync(configure: TestApplication.ListenHttp2(tls));
        for (var i = 0; i < 50; i++)
        {
            await using var client = await Http2Client.ConnectAsync(server.Address);
            await client.OpenAsync(1, "/hello");
            await client.ReadResponseAsync(1);
            var id = (await server.Transitions.ReachAsync(ConnectionState.Idle, i + 1))[i];
            await server.Server.Connection(id).CloseAsync();
            await server.Transitions.ReachAsync(id, ConnectionState.Closed);
            fates.Add(await LateFrames.SendBodyAsync(client, 3));
        }
        output.WriteLine($"body {tls}: " + LateFrames.Count(fates));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Crossing(bool tls)
    {
        List<Fate> fates = [];
        await using var server = await TestApplication.StartAsync(configure: TestApplication.ListenHttp2(tls));
        for (var i = 0; i < 100; i++)
        {
            await using var client = await Http2Client.ConnectAsync(server.Address);
            await client.OpenAsync(1, "/hello");
            await client.ReadResponseAsync(1);
            var id = (await server.Transitions.ReachAsync(ConnectionState.Idle, i + 1))[i];
            var c = server.Server.Connection(id).CloseAsync();
            fates.Add(await LateFrames.OpenAsync(client, 3, 20));
            await c;
        }
        output.WriteLine($"crossing {tls}: " + LateFrames.Count(fates));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Limit(bool tls)
    {
        List<Fate> fates = [];
        await using var server = await TestApplication.StartAsync(configure: TestApplication.ListenHttp2(tls)
            + LimitSetup.Limit(l => l.MaxRequestsPerConnection = 1));
        for (var i = 0; i < 100; i++)
        {
            await using var client = await Http2Client.ConnectAsync(server.Address);
            fates.Add(await LateFrames.OpenAsync(client, 1, 90));
        }
        output.WriteLine($"limit {tls}: " + LateFrames.Count(fates));
    }
}
