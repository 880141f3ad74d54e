using ActorServer.Actors;
using ActorServer.Core;

namespace ActorServer.TestKit;

/// <summary>Holds the actor of one connection in a state, at the moment it has entered it.</summary>
/// <remarks>
/// What the actor has published, its state and its timeline, can be seen. What follows from it has not happened yet: it hears nothing,
/// announces nothing and closes nothing, while all other connections go on. Requests on the connection are still read and answered,
/// because no request waits for an actor. It holds one thread of the pool for as long.
/// </remarks>
public sealed class StateHold : IDisposable
{
    private readonly TaskCompletionSource<string> _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _released = new();
    private readonly TimeSpan _holdMax;
    private readonly ConnectionState _state;
    private readonly string? _id;
    private int _taken;

    internal StateHold(ConnectionState state, string? id, TimeSpan holdMax) => (_state, _id, _holdMax) = (state, id, holdMax);

    /// <summary>Waits until a connection is held.</summary>
    /// <returns>Its identity.</returns>
    /// <exception cref="TimeoutException">None has entered the state.</exception>
    public Task<string> EnteredAsync() => _entered.Task.WaitAsync(_holdMax);

    /// <summary>Lets the connection go on. Called before it is held, nothing will be. Harmless when repeated.</summary>
    public void Release()
    {
        Interlocked.Exchange(ref _taken, 1);
        _released.Set();
    }

    /// <summary>Lets the connection go on.</summary>
    // The actor may still look at the event: it is left to the garbage collector.
    public void Dispose() => Release();

    internal void OnTransition(in ConnectionTransition transition)
    {
        if (transition.To == _state && (_id is null || _id == transition.Id) && Interlocked.Exchange(ref _taken, 1) == 0)
        {
            _entered.SetResult(transition.Id);
            // A test that forgets it must not hang the actor system's end.
            _released.Wait(_holdMax);
        }
    }
}

/// <summary>The holds of one node.</summary>
internal sealed class StateHolds : IConnectionObserver, IDisposable
{
    private static readonly TimeSpan HoldMax = TimeSpan.FromSeconds(30);

    private volatile StateHold[] _holds = [];

    // Called by the connection's own actor: that is how it is held.
    public bool IsInline => true;

    public StateHold Add(ConnectionState state, string? id)
    {
        StateHold hold = new(state, id, HoldMax);
        lock (this)
        {
            _holds = [.. _holds, hold];
        }

        return hold;
    }

    public void OnTransition(ConnectionTransition transition)
    {
        foreach (var hold in _holds)
        {
            hold.OnTransition(transition);
        }
    }

    public void Dispose() => Array.ForEach(_holds, static h => h.Release());
}
