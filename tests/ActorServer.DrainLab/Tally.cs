using System.Collections.Concurrent;

namespace ActorServer.DrainLab;

/// <summary>What the clients of one run have seen.</summary>
internal sealed class Tally(TimeProvider time)
{
    private const int SamplesMax = 5;

    private readonly ConcurrentQueue<string> _samples = new();
    private readonly ConcurrentDictionary<object, int> _warm = new();
    private int _answered;
    private int _answeredAfter;
    private int _announced;
    private int _lost;
    private int _tooLate;
    private int _refused;
    private int _goodbyes;
    private long _stopAt;
    private long _lastEnd;

    /// <summary>Requests answered, all in all.</summary>
    public int Answered => Volatile.Read(ref _answered);

    /// <summary>Of those, after the stop began.</summary>
    public int AnsweredAfter => Volatile.Read(ref _answeredAfter);

    /// <summary>Answers that announced their connection's end.</summary>
    public int Announced => Volatile.Read(ref _announced);

    /// <summary>Requests sent on an open connection, before it announced its close, and never answered.</summary>
    public int Lost => Volatile.Read(ref _lost);

    /// <summary>
    /// Requests not sent, because the connection was found closed just before, unannounced: a client that does not look first
    /// would have lost each of them.
    /// </summary>
    public int TooLate => Volatile.Read(ref _tooLate);

    /// <summary>Connects refused after the stop began: no losses.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <summary>WebSockets that heard Close 1001.</summary>
    public int Goodbyes => Volatile.Read(ref _goodbyes);

    /// <summary>From the stop to the end of the last idle connection.</summary>
    public TimeSpan LastIdleEnd => time.GetElapsedTime(_stopAt, Math.Max(_stopAt, Volatile.Read(ref _lastEnd)));

    /// <summary>The first losses, in words.</summary>
    public IEnumerable<string> Samples => _samples;

    /// <summary>The stop has begun.</summary>
    public bool IsStopping => Volatile.Read(ref _stopAt) != 0;

    public void BeginStop() => Volatile.Write(ref _stopAt, time.GetTimestamp());

    /// <summary>How many clients have had this many answers.</summary>
    public int Warm(int answers) => _warm.Values.Count(n => n >= answers);

    public void CountAnswer(object client, bool announced = false)
    {
        Interlocked.Increment(ref _answered);
        if (announced)
        {
            Interlocked.Increment(ref _announced);
        }

        if (IsStopping)
        {
            Interlocked.Increment(ref _answeredAfter);
        }
        else
        {
            _warm.AddOrUpdate(client, 1, static (_, n) => n + 1);
        }
    }

    public void CountLoss(string what)
    {
        if (Interlocked.Increment(ref _lost) <= SamplesMax)
        {
            var at = IsStopping ? $"{time.GetElapsedTime(_stopAt).TotalMilliseconds:F0} ms after the stop" : "before the stop";
            _samples.Enqueue($"{what}, {at}");
        }
    }

    public void CountTooLate() => Interlocked.Increment(ref _tooLate);

    public void CountRefusal() => Interlocked.Increment(ref _refused);

    public void CountGoodbye() => Interlocked.Increment(ref _goodbyes);

    public void CountIdleEnd() => Interlocked.Exchange(ref _lastEnd, time.GetTimestamp());
}
