namespace ActorServer.Kestrel;

/// <summary>Requests whose lines are to be written: many put in, one takes all there are. Bounded: what does not fit is refused.</summary>
internal sealed class AccessQueue(int max)
{
    private const int LengthAtStart = 64;

    private readonly Lock _lock = new();
    private LoggedRequest[] _filling = new LoggedRequest[Math.Min(LengthAtStart, max)];
    private LoggedRequest[] _taken = new LoggedRequest[Math.Min(LengthAtStart, max)];
    private int _count;

    /// <summary>Puts one in.</summary>
    /// <param name="request">The request.</param>
    /// <param name="isFirst">There was none before: whoever takes has nothing to do, and is to be woken.</param>
    /// <returns>False when there is no room.</returns>
    public bool TryAdd(LoggedRequest request, out bool isFirst)
    {
        lock (_lock)
        {
            isFirst = _count == 0;
            if (_count == max)
            {
                return false;
            }

            if (_count == _filling.Length)
            {
                Array.Resize(ref _filling, Math.Min(_count * 2, max));
            }

            _filling[_count++] = request;
            return true;
        }
    }

    /// <summary>There is no room, as far as one can tell without waiting.</summary>
    public bool IsFull => Volatile.Read(ref _count) == max;

    /// <summary>Takes all there are, in their order. They stay in hand until the next taking.</summary>
    public ReadOnlySpan<LoggedRequest> Take()
    {
        // The requests of last time are not to be kept alive.
        Array.Clear(_taken);
        lock (_lock)
        {
            var count = _count;
            (_filling, _taken, _count) = (_taken, _filling, 0);
            return _taken.AsSpan(0, count);
        }
    }
}
