using System.Globalization;
using ActorServer.Actors;
using ActorServer.Core;
using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorServer.TestKit;

/// <summary>A node without sockets, in virtual time: a drain of minutes takes none.</summary>
public sealed class VirtualNode : IAsyncDisposable
{
    private static readonly Config VirtualTime = """
        akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit"
        akka.loglevel = OFF
        akka.stdout-loglevel = OFF
        akka.log-dead-letters = off
        akka.log-dead-letters-during-shutdown = off
        akka.coordinated-shutdown.run-by-clr-shutdown-hook = off
        """;

    private readonly ActorSystem _system;
    private readonly ActorServerNode _node;
    private readonly StateHolds _holds = new();
    private int _accepted;

    private VirtualNode(
        DrainSettings drain, FakeListenerGate gate, IEnumerable<IConnectionObserver> observers,
        IEnumerable<IDrainHook> hooks, ILoggerFactory loggers, Config? config, LimitOptions? limits)
    {
        _system = ActorSystem.Create("virtual", (config ?? Config.Empty).WithFallback(TapMailbox.Configuration).WithFallback(VirtualTime));
        Time = new SchedulerTime(_system.Scheduler);
        Gate = gate;
        _node = ActorServerNode.Start(_system, "node", drain, gate, Time, [Transitions, _holds, .. observers], hooks, loggers, limits?.Resolve());
    }

    /// <summary>The node's verbs.</summary>
    public IActorServer Server => _node;

    /// <summary>The actor system, for a test that looks deeper.</summary>
    public ActorSystem System => _system;

    /// <summary>Its ports.</summary>
    public FakeListenerGate Gate { get; }

    /// <summary>Every transition so far.</summary>
    public TransitionLog Transitions { get; } = new();

    /// <summary>Its clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>Starts a node.</summary>
    /// <param name="drain">How it drains; null: the defaults.</param>
    /// <param name="gate">Its ports; null: ones that close at once.</param>
    /// <param name="observers">Who is told transitions, beside <see cref="Transitions"/>.</param>
    /// <param name="hooks">Who takes part in its drains.</param>
    /// <param name="loggers">Where it logs; null: nowhere.</param>
    /// <param name="config">What of Akka's configuration the test wants otherwise.</param>
    /// <param name="limits">What it bears; null: anything.</param>
    public static VirtualNode Start(
        DrainOptions? drain = null,
        FakeListenerGate? gate = null,
        IEnumerable<IConnectionObserver>? observers = null,
        IEnumerable<IDrainHook>? hooks = null,
        ILoggerFactory? loggers = null,
        Config? config = null,
        LimitOptions? limits = null)
        => new(
            (drain ?? new()).Resolve(isDevelopment: false), gate ?? new(), observers ?? [], hooks ?? [], loggers ?? NullLoggerFactory.Instance, config, limits);

    /// <summary>A connection comes in.</summary>
    /// <param name="transport">Its socket; null: a new fake.</param>
    public VirtualConnection Accept(FakeTransport? transport = null)
    {
        transport ??= new();
        var number = Interlocked.Increment(ref _accepted).ToString(CultureInfo.InvariantCulture);
        return new(_node.Accept(number, transport), transport);
    }

    /// <summary>A connection comes in, and its actor knows it.</summary>
    /// <param name="transport">Its socket; null: a new fake.</param>
    public async Task<VirtualConnection> AcceptAsync(FakeTransport? transport = null)
    {
        var connection = Accept(transport);
        await Transitions.ReachAsync(connection.Id, ConnectionState.New);
        return connection;
    }

    /// <summary>
    /// Tells an actor, a TestProbe say, each message as it is put into the mailbox of a connection's actor, as a <see cref="ToldConnection"/>.
    /// </summary>
    /// <param name="listener">Who is told from now on.</param>
    public void TellMessagesTo(IActorRef listener) => TapMailbox.Add(_system, listener);

    /// <summary>Holds the actor of the next connection to enter a state, once it has.</summary>
    /// <param name="state">The state.</param>
    /// <param name="id">Only this connection; null, the default: whichever comes first.</param>
    /// <returns>What releases it; 30 s of real time release it too, and so does the node's end.</returns>
    public StateHold Hold(ConnectionState state, string? id = null) => _holds.Add(state, id);

    /// <summary>Lets time pass; timers that fall due fire.</summary>
    /// <param name="time">How much.</param>
    public void Advance(TimeSpan time) => ((TestScheduler)_system.Scheduler).Advance(time);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _holds.Dispose();
        await _system.Terminate();
        _system.Dispose();
        _node.Dispose();
    }

    private sealed class SchedulerTime(IScheduler scheduler) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => scheduler.Now.ToUniversalTime();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new SchedulerTimer(scheduler, () => callback(state));
            timer.Change(dueTime, period);
            return timer;
        }
    }

    private sealed class SchedulerTimer(IScheduler scheduler, Action callback) : ITimer
    {
        private readonly Lock _lock = new();
        private ICancelable? _running;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (_lock)
            {
                _running?.Cancel();
                _running = dueTime == Timeout.InfiniteTimeSpan ? null
                    : period <= TimeSpan.Zero ? scheduler.Advanced.ScheduleOnceCancelable(dueTime, callback)
                    : scheduler.Advanced.ScheduleRepeatedlyCancelable(dueTime, period, callback);
                return true;
            }
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

/// <summary>A connection without a socket: the test is its front end.</summary>
/// <param name="Cell">Where the test writes what happens.</param>
/// <param name="Transport">What its actor asks of it.</param>
public sealed record VirtualConnection(ConnectionCell Cell, FakeTransport Transport)
{
    /// <summary>The connection's identity.</summary>
    public string Id => Cell.Id;

    /// <summary>A request begins.</summary>
    /// <param name="path">Its path.</param>
    /// <returns>What ends it.</returns>
    public object Start(string path = "/")
    {
        var request = new object();
        Cell.RequestStarted(request, "GET", path);
        return request;
    }

    /// <summary>A request ends.</summary>
    /// <param name="request">What its start returned.</param>
    /// <param name="keepAlive">The connection stays open.</param>
    public void End(object request, bool keepAlive = true) => Cell.RequestEnded(request, keepAlive);
}
