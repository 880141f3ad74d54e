using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using static ActorServer.Core.ConnectionState;

namespace ActorServer.EndToEnd.Tests;

/// <summary>Connections that leave HTTP: tracked to their end, whatever it is.</summary>
public sealed class UpgradeSpecs
{
    [Fact]
    [Trait("Conformance", "3")]
    public async Task An_upgraded_connection_that_its_application_ends()
    {
        await using var server = await StartAsync(static async stream => await stream.WriteAsync("bye"u8.ToArray()));
        await using var client = await RawClient.ConnectAsync(server.Address);

        Assert.Equal(101, (await UpgradeAsync(client)).Status);

        Assert.Equal("bye", await client.ReadToEndAsync());
        var end = await server.EndOfTheOnlyConnectionAsync(New, Active, Upgraded, Closed);
        Assert.Equal(EndReason.UpgradeEnded, end.EndReason);
    }

    [Fact]
    [Trait("Conformance", "4")]
    public async Task An_upgraded_connection_whose_application_throws()
    {
        await using var server = await StartAsync(static _ => throw new InvalidOperationException("Always."));
        await using var client = await RawClient.ConnectAsync(server.Address);

        Assert.Equal(101, (await UpgradeAsync(client)).Status);

        await client.ReadEndAsync();
        await server.EndOfTheOnlyConnectionAsync(New, Active, Upgraded, Closed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_upgraded_connection_whose_client_goes(bool politely)
    {
        await using var server = await StartAsync(EchoAsync);
        await using var client = await RawClient.ConnectAsync(server.Address);
        await UpgradeAsync(client);
        await client.SendAsync("hello");
        Assert.Equal("hello", await client.ReadExactAsync(5));

        if (politely)
        {
            client.ShutdownSend();
        }
        else
        {
            client.Reset();
        }

        var end = await server.EndOfTheOnlyConnectionAsync(New, Active, Upgraded, Closed);
        Assert.Equal(EndReason.UpgradeEnded, end.EndReason);
    }

    [Fact]
    public async Task An_upgrade_after_plain_requests_names_its_request_while_it_lasts()
    {
        await using var server = await StartAsync(EchoAsync);
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.GetAsync("/hello");
        await UpgradeAsync(client);
        var id = Assert.Single(await server.Transitions.ReachAsync(Upgraded));

        var connection = await server.ConnectionAsync(id);

        Assert.Equal((Upgraded, 1, 1L), (connection.State, connection.InFlight, connection.Requests));
        Assert.Equal(("GET", "/upgrade"), (connection.CurrentRequests[0].Method, connection.CurrentRequests[0].Path));
        Assert.Equal(1, (await server.Server.StatusAsync()).Connections.Upgraded);
    }

    [Fact]
    [Trait("Conformance", "44")]
    public async Task Eight_connections_upgraded_and_closed_leave_none_behind()
    {
        await using var server = await StartAsync(EchoAsync);
        var clients = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => RawClient.ConnectAsync(server.Address)));
        foreach (var client in clients)
        {
            await UpgradeAsync(client);
        }

        await server.Transitions.ReachAsync(Upgraded, 8);
        Assert.Equal(8, (await server.Server.StatusAsync()).Connections.Upgraded);
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }

        await server.Transitions.ReachAsync(Closed, 8);
        var status = await server.Server.StatusAsync();
        Assert.Equal((0, 8L, 8L), (status.Connections.Total, status.Totals.Closed, status.Totals.Requests));
    }

    private static Task<StartedServer> StartAsync(Func<Stream, Task> application)
        => TestApplication.StartAsync(map: app => app.MapGet("/upgrade", async (HttpContext context) =>
        {
            await using var stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
            await application(stream);
        }));

    private static Task<RawResponse> UpgradeAsync(RawClient client)
        => client.GetAsync("/upgrade", "Connection: Upgrade\r\nUpgrade: echo\r\n");

    private static async Task EchoAsync(Stream stream)
    {
        var buffer = new byte[100];
        int read;
        while ((read = await stream.ReadAsync(buffer)) > 0)
        {
            await stream.WriteAsync(buffer.AsMemory(0, read));
        }
    }
}
