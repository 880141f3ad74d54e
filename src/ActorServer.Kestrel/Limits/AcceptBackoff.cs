namespace ActorServer.Kestrel;

/// <summary>Waits between accepts that fail, longer each time, and says so once a while. One for all ports: what fails is shared.</summary>
internal sealed class AcceptBackoff(TimeProvider time, Log log)
{
    private static readonly TimeSpan WaitMin = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SayInterval = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private TimeSpan _next = WaitMin;
    private long? _saidAt;
    private int _unsaid;

    /// <summary>An accept has failed.</summary>
    /// <param name="end">Ends the wait early.</param>
    public async Task WaitAsync(Task end)
    {
        TimeSpan wait;
        int? failures = null;
        lock (_lock)
        {
            wait = _next;
            _next = _next * 2 < WaitMax ? _next * 2 : WaitMax;
            _unsaid++;
            if (_saidAt is not { } said || time.GetElapsedTime(said) >= SayInterval)
            {
                (failures, _unsaid, _saidAt) = (_unsaid, 0, time.GetTimestamp());
            }
        }

        if (failures is { } count)
        {
            log.AcceptFailed(count, Reason());
        }

        using CancellationTokenSource over = new();
        await Task.WhenAny(end, Task.Delay(wait, time, over.Token));
        await over.CancelAsync();
    }

    /// <summary>An accept has succeeded: the next failure is a first one.</summary>
    public void Succeeded()
    {
        if (_next != WaitMin)
        {
            lock (_lock)
            {
                _next = WaitMin;
            }
        }
    }

    // The transport keeps it to itself. Nearly always it is that the process may not open any more files, and that can be tried.
    private static string Reason()
    {
        try
        {
            using var _ = File.OpenHandle("/dev/null");
            return "for a reason that the transport does not tell";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return exception.Message;
        }
    }
}
