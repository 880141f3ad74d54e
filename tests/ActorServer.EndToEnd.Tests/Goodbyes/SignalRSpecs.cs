using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using static ActorServer.EndToEnd.Tests.Goodbyes.SocketApplication;

namespace ActorServer.EndToEnd.Tests.Goodbyes;

/// <summary>SignalR as it comes, server and client: nothing of either knows of drains.</summary>
[Trait("Conformance", "45")]
public sealed class SignalRSpecs
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_over_WebSockets_learns_of_it_at_once_and_holds_no_drain_up(bool withNegotiation)
    {
        await using var server = await StartAsync();
        SignalRClient client = new(HttpTransportType.WebSockets, withNegotiation, server);
        await using var connection = client.Build(reconnects: false);
        await connection.StartAsync().WaitAsync(WaitMax);
        Assert.Equal("hello", await EchoAsync(connection, "hello"));

        // Without a deadline: nothing but the goodbye ends it.
        var drained = server.Server.DrainAsync(Waiting);

        // Not null, and so told from a client's own stop.
        Assert.NotNull(await client.Closed.WaitAsync(WaitMax));
        var report = await drained.WaitAsync(WaitMax);
        Assert.Equal((DrainPhase.Drained, 0, 0, 0), (report.Phase, report.Aborted, report.Stragglers, report.Remaining));
    }

    [Fact]
    public async Task A_client_is_told_in_the_lame_duck_while_others_are_still_served()
    {
        await using var server = await StartAsync();
        SignalRClient client = new(HttpTransportType.WebSockets, withNegotiation: false, server);
        await using var connection = client.Build(reconnects: false);
        await connection.StartAsync().WaitAsync(WaitMax);

        await server.Server.BeginDrainAsync(Announcing);

        await client.Closed.WaitAsync(WaitMax);
        Assert.Equal(NodePhase.LameDuck, (await server.Server.StatusAsync()).Phase);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_reconnects_by_itself_lands_on_another_node(bool withNegotiation)
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync();
        SignalRClient client = new(HttpTransportType.WebSockets, withNegotiation, first, second);
        await using var connection = client.Build(reconnects: true);
        await connection.StartAsync().WaitAsync(WaitMax);
        await first.Transitions.ReachAsync(ConnectionState.Upgraded);

        var report = await first.Server.DrainAsync(Waiting).WaitAsync(WaitMax);

        await client.Reconnected.WaitAsync(WaitMax);
        await second.Transitions.ReachAsync(ConnectionState.Upgraded);
        Assert.Equal("again", await EchoAsync(connection, "again"));
        Assert.Equal((DrainPhase.Drained, 0, 0), (report.Phase, report.Aborted, report.Stragglers));
    }

    [Fact]
    public async Task A_client_that_reconnects_by_itself_finds_its_node_again_after_a_resume()
    {
        await using var server = await StartAsync();
        SignalRClient client = new(HttpTransportType.WebSockets, withNegotiation: false, server);
        await using var connection = client.Build(reconnects: true);
        await connection.StartAsync().WaitAsync(WaitMax);

        var report = await server.Server.DrainAsync(Waiting).WaitAsync(WaitMax);
        await client.Reconnecting.WaitAsync(WaitMax);
        await server.Server.ResumeAsync();

        await client.Reconnected.WaitAsync(WaitMax);
        Assert.Equal("again", await EchoAsync(connection, "again"));
        Assert.Equal((DrainPhase.Drained, 0), (report.Phase, report.Aborted));
    }

    // Neither has a goodbye of its own: to the server it is an answer that takes long, and is waited for.
    [Theory]
    [InlineData(HttpTransportType.ServerSentEvents)]
    [InlineData(HttpTransportType.LongPolling)]
    [Trait("Conformance", "30")]
    public async Task A_client_over_plain_HTTP_is_served_up_to_the_deadline_and_then_goes_elsewhere(HttpTransportType transport)
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync();
        SignalRClient client = new(transport, withNegotiation: true, first, second);
        await using var connection = client.Build(reconnects: true);
        await connection.StartAsync().WaitAsync(WaitMax);
        Assert.Equal("hello", await EchoAsync(connection, "hello"));

        var report = await first.Server.DrainAsync(new(DrainTrigger.Code, TimeSpan.FromSeconds(2))).WaitAsync(WaitMax);

        await client.Reconnected.WaitAsync(WaitMax);
        Assert.Equal("again", await EchoAsync(connection, "again"));
        // A poll may have ended just then, and the next one have gone elsewhere.
        Assert.InRange(report.Aborted + report.Stragglers, transport == HttpTransportType.LongPolling ? 0 : 1, 1);
        Assert.All(report.Blockers, static blocker => Assert.Equal("/hub", blocker.Path));
    }

    // Two lines of the application, and SignalR says its own goodbye, over plain HTTP too.
    [Theory]
    [InlineData(HttpTransportType.WebSockets)]
    [InlineData(HttpTransportType.ServerSentEvents)]
    [Trait("Conformance", "30")]
    public async Task A_hub_that_passes_the_drain_token_on_lets_its_clients_go_at_once(HttpTransportType transport)
    {
        await using var first = await StartAsync<PassingHub>();
        await using var second = await StartAsync<PassingHub>();
        SignalRClient client = new(transport, withNegotiation: true, first, second);
        await using var connection = client.Build(reconnects: true);
        await connection.StartAsync().WaitAsync(WaitMax);

        var report = await first.Server.DrainAsync(Waiting).WaitAsync(WaitMax);

        await client.Reconnected.WaitAsync(WaitMax);
        Assert.Equal("again", await EchoAsync(connection, "again"));
        Assert.Equal((DrainPhase.Drained, 0, 0), (report.Phase, report.Aborted, report.Stragglers));
    }

    private static Task<StartedServer> StartAsync() => StartAsync<EchoHub>();

    private static Task<StartedServer> StartAsync<T>()
        where T : Hub
        => TestApplication.StartAsync(
            map: static app => app.MapHub<T>("/hub"), configure: static builder => builder.Services.AddSignalR());

    private static Task<string> EchoAsync(HubConnection connection, string text)
        => connection.InvokeAsync<string>(nameof(EchoHub.Echo), text).WaitAsync(WaitMax);

    private class EchoHub : Hub
    {
#pragma warning disable CA1822 // A hub's methods are its instance's.
        public string Echo(string text) => text;
#pragma warning restore CA1822
    }

#pragma warning disable CA1812 // SignalR makes it.
    private sealed class PassingHub : EchoHub
#pragma warning restore CA1812
    {
        // docs: hub
        public override Task OnConnectedAsync()
        {
            var connection = Context.Features.Get<IConnectionLifetimeNotificationFeature>()!;
            Context.GetHttpContext()!.DrainToken().Register(connection.RequestClose);
            return base.OnConnectedAsync();
        }
        // docs: end
    }
}
