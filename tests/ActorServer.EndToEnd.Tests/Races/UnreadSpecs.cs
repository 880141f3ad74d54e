using System.Net.Sockets;
using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.DependencyInjection;

namespace ActorServer.EndToEnd.Tests.Races;

/// <summary>A request that has arrived, and that nobody has read yet, when its idle connection's turn comes to close.</summary>
public sealed class UnreadSpecs
{
    [Fact]
    public async Task A_close_that_does_not_look_loses_it()
        => Assert.False(await IsAnsweredAsync(builder => builder.UseGate(kestrel => new(kestrel) { LooksForUnread = false })));

    [Fact]
    public async Task A_close_that_looks_waits_until_it_is_read_and_answered() => Assert.True(await IsAnsweredAsync(_ => { }));

    private static async Task<bool> IsAnsweredAsync(Action<WebApplicationBuilder> configure)
    {
        using HeldReceive receive = new();
        WatchedSocket watch = new();
        await using var server = await TestApplication.StartAsync(configure: builder =>
        {
            builder.Services.AddSingleton<IMemoryPoolFactory<byte>>(receive);
            TestApplication.Listen(endpoint => endpoint.Use(next => connection =>
            {
                watch.Inner = connection.Features.Get<IConnectionSocketFeature>();
                connection.Features.Set<IConnectionSocketFeature>(watch);
                return next(connection);
            }))(builder);
            configure(builder);
        });
        await using var client = await AskAsync(server, receive);

        var drained = server.DrainAsync();
        // The close looks at the socket, or Kestrel has ended the connection and its end is looked at.
        await watch.Seen;
        receive.Release();

        var answered = await client.IsAnsweredAsync();
        await drained;
        return answered;
    }

    /// <summary>An idle connection with a request that has arrived and is not read.</summary>
    private static async Task<RawClient> AskAsync(StartedServer server, HeldReceive receive)
    {
        var client = await RawClient.ConnectAsync(server.Address);
        await client.GetAsync("/hello");
        await server.Transitions.ReachAsync(ConnectionState.Idle);
        receive.Hold();
        await client.SendGetAsync("/hello");
        await receive.Holds;
        return client;
    }

    /// <summary>Tells when somebody looks at the socket.</summary>
    private sealed class WatchedSocket : IConnectionSocketFeature
    {
        private readonly TaskCompletionSource _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IConnectionSocketFeature? Inner { get; set; }

        public Task Seen => _seen.Task;

        public Socket Socket
        {
            get
            {
                _seen.TrySetResult();
                return Inner!.Socket;
            }
        }
    }
}
