using System.Net.Sockets;

namespace ActorServer.Kestrel;

/// <summary>Waits between accepts that fail, longer each time, and says so once a while. One for all ports: what fails is shared.</summary>
internal sealed class AcceptBackoff(TimeProvider time, SpareDescriptors spares, Log log)
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
    public Task WaitAsync(Task end)
    {
        // The transport keeps the reason to itself. Nearly always it is that the process may not open any more files, and that
        // can be tried, before some are given back.
        var reason = SpareDescriptors.Problem() ?? "for a reason that the transport does not tell";
        spares.Give();
        return WaitAsync(end, reason);
    }

    /// <summary>Waits until an accept may be tried: not while the process lives on its last descriptors.</summary>
    /// <param name="isLast">The port is about to close: who is not accepted now is lost.</param>
    /// <param name="end">Ends the wait early.</param>
    public async Task WhenMayTryAsync(Func<bool> isLast, Task end)
    {
        while (spares.AreGiven && !spares.TryTakeBack() && !(isLast() && spares.HasSome) && !end.IsCompleted)
        {
            await WaitAsync(end, "Too many open files, or nearly");
        }
    }

    /// <summary>An accept has succeeded: the next failure is a first one.</summary>
    /// <param name="socket">The connection's socket, where it has one.</param>
    public void Succeeded(Socket? socket)
    {
        spares.Accepted(socket);
        if (_next != WaitMin)
        {
            lock (_lock)
            {
                _next = WaitMin;
            }
        }
    }

    private async Task WaitAsync(Task end, string reason)
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
            log.AcceptFailed(reason, count);
        }

        using CancellationTokenSource over = new();
        await Task.WhenAny(end, Task.Delay(wait, time, over.Token));
        await over.CancelAsync();
    }
}
