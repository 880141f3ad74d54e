using ActorServer.Core;
using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace ActorServer.Actors;

/// <summary>One node: its supervisor in an actor system, the way in for accepted connections, and the verbs in code.</summary>
public sealed class ActorServerNode : IActorServer, IDisposable
{
    /// <summary>The supervisor's name below <c>/user</c>: the address of the node for ops tooling.</summary>
    public const string ActorName = "actor-server";

    // Status is answered from what the supervisor knows: whoever waits longer waits for something that is stuck.
    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(10);

    private readonly NodeSetup _setup;
    private readonly ConnectionCell.Home _home;
    private readonly Ledger _ledger;
    private readonly IActorRef _supervisor;
    private readonly ActorSystem _system;

    private ActorServerNode(ActorSystem system, NodeSetup setup)
    {
        (_system, _setup) = (system, setup);
        system.Settings.InjectTopLevelFallback(ConnectionMailbox.Configuration);
        _home = new(setup.Node, setup.Time, new());
        var ledger = _ledger = new Ledger(setup.Time.GetUtcNow(), _home.Answered);
        _supervisor = system.ActorOf(Props.Create(() => new ConnectionSupervisor(ledger, setup)), ActorName);
    }

    /// <inheritdoc/>
    public string Node => _setup.Node;

    /// <summary>Its clock.</summary>
    public TimeProvider Time => _setup.Time;

    /// <summary>How it drains.</summary>
    public DrainSettings Settings => _setup.Drain;

    /// <inheritdoc/>
    public LimitSettings Limits => _setup.Limits.Current;

    /// <inheritdoc/>
    public Task<DrainReport> WhenDrained => _ledger.WhenDrained;

    /// <summary>The limits are others now. Raised on the thread that changed them; what it is told must not throw or block.</summary>
    public event Action? LimitsChanged;

    /// <summary>Starts a node in an actor system.</summary>
    /// <param name="system">The actor system; it may be the application's own.</param>
    /// <param name="node">The node's name.</param>
    /// <param name="drain">How it drains.</param>
    /// <param name="gate">Its listening sockets.</param>
    /// <param name="time">Its clock.</param>
    /// <param name="observers">Who is told transitions.</param>
    /// <param name="hooks">Who takes part in its drains.</param>
    /// <param name="loggers">Where it logs.</param>
    /// <param name="limits">What it bears; null: anything.</param>
    /// <exception cref="InvalidActorNameException">The system has a node already.</exception>
    public static ActorServerNode Start(
        ActorSystem system,
        string node,
        DrainSettings drain,
        IListenerGate gate,
        TimeProvider time,
        IEnumerable<IConnectionObserver> observers,
        IEnumerable<IDrainHook> hooks,
        ILoggerFactory loggers,
        LimitSettings? limits = null)
        => new(system, NodeSetup.Create(node, drain, limits ?? LimitSettings.None, gate, time, observers, hooks, loggers));

    /// <summary>A connection has been accepted. Returns at once: the connection need not wait for its actor.</summary>
    /// <param name="connectionId">The transport's identity of it, unique on this node.</param>
    /// <param name="transport">What its actor can do to it.</param>
    /// <returns>Where the front end writes what happens on it.</returns>
    public ConnectionCell Accept(string connectionId, ITransport transport)
    {
        var cell = new ConnectionCell(connectionId, _home, transport);
        cell.ShouldReport();
        _supervisor.Tell(cell, ActorRefs.NoSender);
        return cell;
    }

    /// <inheritdoc/>
    public async Task<DrainReport> BeginDrainAsync(DrainRequest? request = null, CancellationToken cancellationToken = default)
        => (await BeginAsync(request, cancellationToken)).Report!;

    /// <inheritdoc/>
    public async Task<DrainReport> DrainAsync(DrainRequest? request = null, CancellationToken cancellationToken = default)
        => await (await BeginAsync(request, cancellationToken)).Ended.WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<NodeStatus> ResumeAsync(CancellationToken cancellationToken = default) => SteerAsync(Resume.Instance, cancellationToken);

    /// <inheritdoc/>
    public Task<NodeStatus> SuspendAsync(CancellationToken cancellationToken = default) => SteerAsync(Suspend.Instance, cancellationToken);

    /// <inheritdoc/>
    public DrainLease HoldDrain(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        DrainLease lease = new(name, _setup.Time.GetUtcNow(), l => _supervisor.Tell(new LeaseChanged(l, Taken: false), ActorRefs.NoSender));
        _supervisor.Tell(new LeaseChanged(lease, Taken: true), ActorRefs.NoSender);
        return lease;
    }

    /// <inheritdoc/>
    public Task<NodeStatus> StatusAsync(CancellationToken cancellationToken = default)
        => AskAsync<NodeStatus>(GetStatus.Instance, cancellationToken);

    /// <inheritdoc/>
    public Task<ConnectionPage> ConnectionsAsync(ConnectionQuery? query = null, CancellationToken cancellationToken = default)
    {
        query ??= new();
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1, nameof(query));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Limit, ConnectionQuery.LimitMax, nameof(query));
        return AskAsync<ConnectionPage>(new ListConnections(query), cancellationToken);
    }

    /// <inheritdoc/>
    public void ChangeLimits(LimitSettings limits, string by)
    {
        ActorServerOptions options = new();
        options.Limits.Set(limits);
        if (ActorServerSettings.Table.Validate(options) is [var problem, ..])
        {
            throw new ArgumentOutOfRangeException(nameof(limits), problem);
        }

        var old = _setup.Limits.Change(limits, Time.GetUtcNow());
        if (old == limits)
        {
            return;
        }

        _setup.Log.LimitsChanged(by, LimitTable.Differences(old, limits));
        LimitsChanged?.Invoke();
        if ((old.MaxConnectionAge, old.MaxConnectionAgeGrace) != (limits.MaxConnectionAge, limits.MaxConnectionAgeGrace))
        {
            _supervisor.Tell(AgeTick.Instance, ActorRefs.NoSender);
        }
    }

    /// <inheritdoc/>
    public ConnectionRef Connection(string id) => new(this, id);

    /// <summary>Lets the observers hear what is queued for them. The actors end with their system.</summary>
    public void Dispose() => _setup.Observers.Dispose();

    internal async Task<T> AskAsync<T>(object question, CancellationToken cancellationToken)
    {
        var answer = _supervisor.Ask<T>(question, question is IVerb ? AskTimeout + _setup.Hooks.WaitMax : AskTimeout, cancellationToken);
        await Task.WhenAny(answer, _system.WhenTerminated);
        if (!answer.IsCompleted)
        {
            throw new TimeoutException("The node's actor system has ended.");
        }

        try
        {
            return await answer;
        }
        catch (AskTimeoutException exception)
        {
            throw new TimeoutException("The node's supervisor does not answer.", exception);
        }
    }

    private async Task<DrainAnswer> BeginAsync(DrainRequest? request, CancellationToken cancellationToken)
    {
        request ??= new(DrainTrigger.Code);
        if (request.Problem is { } problem)
        {
            throw new ArgumentOutOfRangeException(nameof(request), problem);
        }

        var answer = await AskAsync<DrainAnswer>(new BeginDrain(request), cancellationToken);
        return answer.Refusal is { } refusal ? throw new DrainRefusedException(refusal) : answer;
    }

    private async Task<NodeStatus> SteerAsync(IVerb verb, CancellationToken cancellationToken)
    {
        var answer = await AskAsync<SteerAnswer>(verb, cancellationToken);
        return answer.Status ?? throw new DrainRefusedException(answer.Refusal!);
    }
}
