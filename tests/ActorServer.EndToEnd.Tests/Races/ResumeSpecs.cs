using ActorServer.Core;
using ActorServer.Kestrel;
using ActorServer.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace ActorServer.EndToEnd.Tests.Races;

/// <summary>Connections accepted in a drain, whose node hears of them only when the drain has been called off.</summary>
public sealed class ResumeSpecs
{
    private static readonly DrainRequest Announcing = new(DrainTrigger.Code, Duration.Infinite, TimeSpan.FromHours(1));

    [Fact]
    public async Task They_live_on_like_all_others()
    {
        await using var server = await TestApplication.StartAsync();
        await server.Server.BeginDrainAsync(Announcing);
        await server.Server.ResumeAsync();
        // As it stood when they were accepted, a moment before the resume.
        var gate = server.Services.GetRequiredService<ListenerGate>();
        gate.Announce();
        await using var client = await RawClient.ConnectAsync(server.Address);
        await server.IdOfAsync(client);
        await server.HeardAsync();
        gate.Withdraw();

        Assert.False((await client.GetAsync("/hello")).AnnouncesClose);
        Assert.False((await client.GetAsync("/hello")).AnnouncesClose);
    }

    [Fact]
    public async Task In_the_next_drain_they_are_old_ones()
    {
        await using var server = await TestApplication.StartAsync(configure: TestApplication.ListenHttp2(tls: false));
        await server.Server.BeginDrainAsync(Announcing);
        await using var client = await Http2Client.ConnectAsync(server.Address);
        await client.OpenAsync(1, "/hello");
        await client.ReadResponseAsync(1);
        await server.Transitions.ReachAsync(ConnectionState.Idle);
        await server.Server.ResumeAsync();
        await server.Server.BeginDrainAsync(Announcing);
        await server.HeardAsync();

        await client.OpenAsync(3, "/hello");

        Assert.Contains(await client.ReadToEndAsync(), f => f.Type == Http2FrameType.GoAway);
    }
}
