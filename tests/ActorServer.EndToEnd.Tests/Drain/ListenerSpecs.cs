using System.Net;
using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using static ActorServer.Core.ConnectionState;

namespace ActorServer.EndToEnd.Tests;

/// <summary>The listening sockets, and connections that are between two chairs when they close.</summary>
public sealed class ListenerSpecs
{
    [Fact]
    [Trait("Conformance", "37")]
    public async Task A_connection_that_the_transport_hands_on_after_the_port_has_closed_is_served_and_told()
    {
        await using var server = await StartAsync(out var transport);
        transport.Hold();
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendGetAsync("/hello");
        await transport.Held;

        var drained = server.Server.DrainAsync();
        await transport.Unbound;
        Assert.False(drained.IsCompleted);
        transport.HandOn();

        var response = await client.ReadResponseAsync();
        Assert.Equal(("hello", true), (response.Body, response.AnnouncesClose));
        Assert.Equal("", await client.ReadToEndAsync());
        var report = await drained;
        Assert.Equal((0, 1, 0, 0), (report.Initial, report.Completed, report.Aborted, report.Remaining));
        await server.EndOfTheOnlyConnectionAsync(New, Active, Closed);
    }

    [Fact]
    [Trait("Conformance", "37")]
    public async Task A_silent_connection_that_the_transport_hands_on_after_the_port_has_closed_is_closed()
    {
        await using var server = await StartAsync(out var transport);
        transport.Hold();
        await using var client = await RawClient.ConnectAsync(server.Address);
        await transport.Held;

        var drained = server.Server.DrainAsync();
        await transport.Unbound;
        transport.HandOn();

        Assert.Equal("", await client.ReadToEndAsync());
        var report = await drained;
        Assert.Equal((0, 1, 0), (report.Initial, report.Closed, report.Remaining));
        await server.EndOfTheOnlyConnectionAsync(New, Closed);
    }

    [Fact]
    [Trait("Conformance", "39")]
    public async Task A_port_is_closed_exactly_once()
    {
        var server = await StartAsync(out var transport);
        await server.Server.DrainAsync();
        await server.StopAsync();
        await server.DisposeAsync();

        Assert.Equal((1, 1), (transport.Unbinds, transport.Disposals));
    }

    [Fact]
    [Trait("Conformance", "40")]
    public async Task A_server_that_starts_after_its_drain_has_no_open_port()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.AddActorServer(options => options.Drain.HandleSignals = false);
        await using var application = builder.Build();
        application.Urls.Add("http://127.0.0.1:0");
        var node = application.Services.GetRequiredService<Actors.IActorServer>();
        var report = await node.DrainAsync(new(DrainTrigger.Code, Budget: Duration.Infinite, LameDuck: Duration.Zero));

        await application.StartAsync().WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(DrainPhase.Drained, report.Phase);
        await TestApplication.AssertRefusesAsync(new Uri(application.Urls.First()));
        Assert.False((await node.StatusAsync()).Accepting);
        await application.StopAsync();
    }

    [Fact]
    [Trait("Conformance", "31")]
    public async Task Connections_that_the_kernel_has_accepted_and_nobody_has_taken_are_answered()
    {
        const int count = 20;
        await using var server = await StartAsync(out var transport);
        transport.Hold();
        // The first is taken by the transport, which waits; the others wait in the kernel.
        var clients = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => RawClient.ConnectAsync(server.Address)));
        await Task.WhenAll(clients.Select(c => c.SendGetAsync("/hello")));
        await transport.Held;

        var drained = server.Server.DrainAsync();
        await server.Transitions.ReachAsync(NodePhase.Draining);
        transport.HandOn();

        foreach (var client in clients)
        {
            var response = await client.ReadResponseAsync();
            Assert.Equal(("hello", true), (response.Body, response.AnnouncesClose));
            await client.DisposeAsync();
        }

        var report = await drained;
        Assert.Equal((count, 0, 0), (report.Completed, report.Aborted, report.Remaining));
    }

    private static Task<StartedServer> StartAsync(out HeldTransport transport)
    {
        var made = transport = new();
        return StartedServer.StartAsync(
            app => app.MapGet("/hello", () => "hello"),
            // What the transport has read from a connection, but Kestrel has not, nobody can see: such a one is left alone for a while.
            drain: drain => drain.SilentGrace = TimeSpan.FromMilliseconds(500),
            prepare: builder => builder.Services.AddSingleton<IConnectionListenerFactory>(services =>
            {
                made.Inner = new SocketTransportFactory(
                    services.GetRequiredService<IOptions<SocketTransportOptions>>(), services.GetRequiredService<ILoggerFactory>());
                return made;
            }));
    }

    /// <summary>Kestrel's own transport, but it can be slow in handing a connection on.</summary>
    private sealed class HeldTransport : IConnectionListenerFactory, IConnectionListener
    {
        private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _unbound = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private TaskCompletionSource _mayHandOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private IConnectionListener? _listener;
        private int _unbinds;
        private int _disposals;

        public HeldTransport() => _mayHandOn.SetResult();

        public SocketTransportFactory Inner { get; set; } = null!;

        public EndPoint EndPoint => _listener!.EndPoint;

        public Task Held => _held.Task;

        public Task Unbound => _unbound.Task;

        public int Unbinds => _unbinds;

        public int Disposals => _disposals;

        public void Hold() => _mayHandOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void HandOn() => _mayHandOn.TrySetResult();

        public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
        {
            _listener = await Inner.BindAsync(endpoint, cancellationToken);
            return this;
        }

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            var connection = await _listener!.AcceptAsync(cancellationToken);
            if (connection is not null)
            {
                _held.TrySetResult();
                await _mayHandOn.Task;
            }

            return connection;
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _unbinds);
            _unbound.TrySetResult();
            return _listener!.UnbindAsync(cancellationToken);
        }

        public ValueTask DisposeAsync()
        {
            Interlocked.Increment(ref _disposals);
            return _listener!.DisposeAsync();
        }
    }
}
