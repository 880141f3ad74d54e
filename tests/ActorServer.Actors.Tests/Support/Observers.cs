namespace ActorServer.Actors.Tests;

/// <summary>Writes down what it is told; what it does besides is the test's.</summary>
internal sealed class Observer(Action? onTold = null, bool isInline = false) : IConnectionObserver
{
    private readonly Lock _lock = new();
    private readonly List<ConnectionTransition> _heard = [];
    private readonly List<PhaseTransition> _phases = [];

    public bool IsInline => isInline;

    public IReadOnlyList<ConnectionTransition> Heard
    {
        get
        {
            lock (_lock)
            {
                return [.. _heard];
            }
        }
    }

    public IReadOnlyList<PhaseTransition> Phases
    {
        get
        {
            lock (_lock)
            {
                return [.. _phases];
            }
        }
    }

    /// <summary>What it was told it has missed, each time.</summary>
    public List<long> Missed { get; } = [];

    public void OnTransition(ConnectionTransition transition)
    {
        lock (_lock)
        {
            _heard.Add(transition);
        }

        onTold?.Invoke();
    }

    public void OnPhase(PhaseTransition transition)
    {
        lock (_lock)
        {
            _phases.Add(transition);
        }

        onTold?.Invoke();
    }

    public void OnMissed(long missed) => Missed.Add(missed);
}
