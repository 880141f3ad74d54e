using System.Net;
using System.Net.Sockets;
using ActorServer.EndToEnd.Tests.Admin;
using ActorServer.Kestrel;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ActorServer.EndToEnd.Tests.Limits;

/// <summary>Accepts that fail: those that are open are served, and it is tried again.</summary>
public sealed class AcceptFailureSpecs
{
    [Theory]
    [InlineData(SocketError.TooManyOpenSockets)]
    [InlineData(SocketError.ConnectionAborted)]
    [Trait("Conformance", "43")]
    public async Task An_accept_that_fails_is_tried_again_and_said_once(SocketError error)
    {
        LogLines log = new();
        FailingTransport? transport = null;
        await using var server = await TestApplication.StartAsync(configure: builder =>
        {
            builder.Logging.AddProvider(log);
            builder.Services.AddSingleton<IConnectionListenerFactory>(services => new TrackedListenerFactory(
                transport = new(ActivatorUtilities.CreateInstance<SocketTransportFactory>(services), error),
                services.GetRequiredService<Door>(), services.GetRequiredService<ListenerGate>(), services.GetRequiredService<PortClosing>()));
        });

        await using var client = await RawClient.ConnectAsync(server.Address);

        Assert.Equal("hello", (await client.GetAsync("/hello")).Body);
        Assert.Equal(0, transport!.FailuresLeft);
        Assert.Single(log.From(LogLevel.Warning), l => l.Contains("No connection can be accepted", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Conformance", "42")]
    public async Task It_waits_twice_as_long_each_time_up_to_a_second_until_an_accept_succeeds()
    {
        InstantTime time = new();
        AcceptBackoff backoff = new(time, new SpareDescriptors(0), new Log(new LoggerFactory()));
        TaskCompletionSource never = new();

        for (var i = 0; i < 9; i++)
        {
            await backoff.WaitAsync(never.Task);
        }

        backoff.Succeeded(socket: null);
        await backoff.WaitAsync(never.Task);

        Assert.Equal([10, 20, 40, 80, 160, 320, 640, 1000, 1000, 10], time.Waits.Select(w => w.TotalMilliseconds));
    }

    [Fact]
    public async Task A_port_that_is_closed_for_good_is_not_waited_for()
    {
        AcceptBackoff backoff = new(new InstantTime { Fires = false }, new SpareDescriptors(0), new Log(new LoggerFactory()));

        await backoff.WaitAsync(Task.CompletedTask).WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    [Trait("Conformance", "42")]
    public void Spare_descriptors_are_taken_back_once_there_are_more_beside()
    {
        int? free = 0;
        using SpareDescriptors spares = new(16, () => free);

        Assert.False(spares.AreGiven);
        spares.Give();
        spares.Give();
        free = 19;
        Assert.Equal((false, true, true), (spares.TryTakeBack(), spares.AreGiven, spares.HasSome));
        free = 20;
        Assert.Equal((true, false), (spares.TryTakeBack(), spares.AreGiven));
        // Where nobody tells, it is tried.
        free = null;
        spares.Give();
        Assert.True(spares.TryTakeBack());
    }

    [Fact]
    [Trait("Conformance", "42")]
    public async Task No_accept_is_tried_while_the_process_lives_on_its_last_descriptors_but_for_a_port_that_closes()
    {
        int? free = 17;
        InstantTime time = new();
        using SpareDescriptors spares = new(16, () => free);
        AcceptBackoff backoff = new(time, spares, new Log(new LoggerFactory()));
        TaskCompletionSource never = new();
        await backoff.WhenMayTryAsync(() => false, never.Task);
        Assert.Empty(time.Waits);

        await backoff.WaitAsync(never.Task);
        await backoff.WhenMayTryAsync(() => true, never.Task);
        Assert.Single(time.Waits);
        time.Waited += () => free = time.Waits.Count < 4 ? 19 : 20;
        await backoff.WhenMayTryAsync(() => false, never.Task);

        Assert.Equal([10, 20, 40, 80], time.Waits.Select(w => w.TotalMilliseconds));
        Assert.False(spares.AreGiven);
    }

    /// <summary>Time in which every timer fires at once, or never.</summary>
    private sealed class InstantTime : TimeProvider
    {
        public List<TimeSpan> Waits { get; } = [];

        public bool Fires { get; init; } = true;

        public event Action? Waited;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Waits.Add(dueTime);
            Waited?.Invoke();
            return System.CreateTimer(callback, state, Fires ? TimeSpan.Zero : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>A transport whose first accepts fail.</summary>
    private sealed class FailingTransport(IConnectionListenerFactory inner, SocketError error) : IConnectionListenerFactory
    {
        private int _left = 3;

        private SocketError Error => error;

        public int FailuresLeft => Volatile.Read(ref _left);

        public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
            => new Listener(this, await inner.BindAsync(endpoint, cancellationToken));

        private sealed class Listener(FailingTransport transport, IConnectionListener inner) : IConnectionListener
        {
            public EndPoint EndPoint => inner.EndPoint;

            public ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
                => transport._left > 0 && Interlocked.Decrement(ref transport._left) >= 0
                    ? throw new SocketException((int)transport.Error)
                    : inner.AcceptAsync(cancellationToken);

            public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => inner.UnbindAsync(cancellationToken);

            public ValueTask DisposeAsync() => inner.DisposeAsync();
        }
    }
}
