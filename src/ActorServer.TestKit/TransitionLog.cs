using ActorServer.Actors;
using ActorServer.Core;
using Akka.Actor;

namespace ActorServer.TestKit;

/// <summary>Writes down every transition, and lets a test wait for one as an event.</summary>
/// <remarks>Purposefully no polling: a wait ends with the transition that fulfils it, or at once when it is written already.</remarks>
public sealed class TransitionLog : IConnectionObserver
{
    private readonly Lock _lock = new();
    private readonly List<ConnectionTransition> _connections = [];
    private readonly List<PhaseTransition> _phases = [];
    private readonly List<(Func<bool> IsFulfilled, TaskCompletionSource Waiter)> _waiters = [];
    private readonly List<IActorRef> _listeners = [];

    /// <summary>How long a wait lasts before it gives up. Default 30 s: a safety net, not a measure.</summary>
    public TimeSpan WaitMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>All transitions of connections so far.</summary>
    public IReadOnlyList<ConnectionTransition> Connections
    {
        get
        {
            lock (_lock)
            {
                return [.. _connections];
            }
        }
    }

    /// <summary>The phases the node has entered so far.</summary>
    public IReadOnlyList<NodePhase> Phases
    {
        get
        {
            lock (_lock)
            {
                return [.. _phases.Select(p => p.To)];
            }
        }
    }

    /// <summary>The states a connection has entered so far.</summary>
    /// <param name="id">The connection.</param>
    public IReadOnlyList<ConnectionState> States(string id) => [.. Connections.Where(c => c.Id == id).Select(c => c.To)];

    /// <summary>Waits until a connection has entered these states, one after the other, and nothing between them.</summary>
    /// <param name="id">The connection.</param>
    /// <param name="states">The states, from New on.</param>
    /// <exception cref="TimeoutException">It has not; the message says what it did.</exception>
    public async Task ExpectAsync(string id, params ConnectionState[] states)
    {
        await WaitAsync(() => StatesLocked(id).Count >= states.Length, () => $"{id} went {string.Join(", ", States(id))}");
        if (!States(id).Take(states.Length).SequenceEqual(states))
        {
            throw new InvalidOperationException(
                $"{id} was to go {string.Join(", ", states)} and went {string.Join(", ", States(id))}.");
        }
    }

    /// <summary>Waits until a connection has entered a state.</summary>
    /// <param name="id">The connection.</param>
    /// <param name="state">The state.</param>
    /// <param name="times">How often; 1 or more.</param>
    /// <exception cref="TimeoutException">It has not.</exception>
    public Task ReachAsync(string id, ConnectionState state, int times = 1)
        => WaitAsync(() => StatesLocked(id).Count(s => s == state) >= times, () => $"{id} went {string.Join(", ", States(id))}");

    /// <summary>Waits until this many connections have entered a state.</summary>
    /// <param name="state">The state.</param>
    /// <param name="count">How many, each counted once.</param>
    /// <returns>Their identities, in the order in which they did.</returns>
    /// <exception cref="TimeoutException">They have not.</exception>
    public async Task<IReadOnlyList<string>> ReachAsync(ConnectionState state, int count = 1)
    {
        await WaitAsync(() => IdsLocked(state).Count >= count, () => $"only {Connections.Count(c => c.To == state)} entered {state}");
        lock (_lock)
        {
            return IdsLocked(state);
        }
    }

    /// <summary>Waits until the node has entered a phase.</summary>
    /// <param name="phase">The phase.</param>
    /// <exception cref="TimeoutException">It has not.</exception>
    public Task ReachAsync(NodePhase phase)
        => WaitAsync(() => _phases.Any(p => p.To == phase), () => $"the node went {string.Join(", ", Phases)}");

    /// <summary>
    /// Tells an actor, a TestProbe say, every transition: first those written already, connections before phases, then each as it comes,
    /// as a <see cref="ConnectionTransition"/> or a <see cref="PhaseTransition"/>.
    /// </summary>
    /// <param name="listener">Who is told. It may belong to any actor system of this process.</param>
    public void TellTo(IActorRef listener)
    {
        lock (_lock)
        {
            _connections.ForEach(c => listener.Tell(c, ActorRefs.NoSender));
            _phases.ForEach(p => listener.Tell(p, ActorRefs.NoSender));
            _listeners.Add(listener);
        }
    }

    /// <inheritdoc/>
    public void OnTransition(ConnectionTransition transition)
    {
        lock (_lock)
        {
            _connections.Add(transition);
            _listeners.ForEach(l => l.Tell(transition, ActorRefs.NoSender));
            Release();
        }
    }

    /// <inheritdoc/>
    public void OnPhase(PhaseTransition transition)
    {
        lock (_lock)
        {
            _phases.Add(transition);
            _listeners.ForEach(l => l.Tell(transition, ActorRefs.NoSender));
            Release();
        }
    }

    private async Task WaitAsync(Func<bool> isFulfilled, Func<string> describe)
    {
        TaskCompletionSource waiter = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (isFulfilled())
            {
                return;
            }

            _waiters.Add((isFulfilled, waiter));
        }

        try
        {
            await waiter.Task.WaitAsync(WaitMax);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"After {WaitMax}: {describe()}.", exception);
        }
    }

    private void Release()
    {
        foreach (var waiter in _waiters.FindAll(w => w.IsFulfilled()))
        {
            _waiters.Remove(waiter);
            waiter.Waiter.TrySetResult();
        }
    }

    private List<ConnectionState> StatesLocked(string id) => [.. _connections.Where(c => c.Id == id).Select(c => c.To)];

    private List<string> IdsLocked(ConnectionState state) => [.. _connections.Where(c => c.To == state).Select(c => c.Id).Distinct()];
}
