using System.Net.WebSockets;
using System.Text;
using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ActorServer.EndToEnd.Tests.Goodbyes;

/// <summary>A WebSocket that has ended is told nothing: what it wrote to may be another request's by now.</summary>
[Trait("Conformance", "112")]
public sealed class StaleGoodbyeSpecs
{
    private const int Rounds = 20;

    [Fact]
    public async Task Of_HTTP_2_streams_that_are_used_again_none_gets_a_Close_into_its_response()
    {
        Held held = new();
        await using var server = await SocketApplication.StartAsync(
            // It ends without a Close: there is one still to be said.
            static (_, _) => Task.CompletedTask,
            protocol: HttpProtocols.Http2,
            map: app => app.MapGet("/halves", async (HttpContext context) =>
            {
                await context.Response.WriteAsync("first half, ");
                await context.Response.Body.FlushAsync();
                await held.WaitAsync();
                await context.Response.WriteAsync("second half");
            }));
        using var client = TestApplication.Http2(server.Address);
        for (var i = 0; i < Rounds; i++)
        {
            using var socket = await server.ConnectAsync(client);
            await Record.ExceptionAsync(socket.ReadToCloseAsync);
        }

        var id = Assert.Single(await server.Transitions.ReachAsync(ConnectionState.New));
        var responses = new HttpResponseMessage[Rounds];
        for (var i = 0; i < Rounds; i++)
        {
            responses[i] = await client.GetAsync(new Uri("/halves", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        }

        await held.EnteredAsync(Rounds);
        Assert.Equal(Rounds, (await server.ConnectionAsync(id)).InFlight);
        await server.Server.BeginDrainAsync(SocketApplication.Announcing);
        await server.HeardAsync();
        // A request of its own connection, served after the goodbyes of the others' had their time.
        using var other = TestApplication.Http2(server.Address);
        for (var i = 0; i < Rounds; i++)
        {
            Assert.Equal("hello", await other.GetStringAsync(new Uri("/hello", UriKind.Relative)));
        }

        held.Release();

        foreach (var response in responses)
        {
            var body = await response.Content.ReadAsByteArrayAsync().WaitAsync(SocketApplication.WaitMax);
            Assert.Equal("first half, second half", Encoding.Latin1.GetString(body));
            response.Dispose();
        }
    }
}
