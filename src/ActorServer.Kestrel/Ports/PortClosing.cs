using System.Net;
using System.Net.Sockets;

namespace ActorServer.Kestrel;

/// <summary>Makes a listening socket quiet, so that closing it loses no connection the kernel has accepted or is accepting.</summary>
/// <remarks>
/// A connection whose handshake is done and that nobody has taken is reset when the listening socket closes, and its client
/// has usually sent its request by then. Kestrel's own accept loop goes on meanwhile. docs/draining.md tells the races.
/// </remarks>
internal sealed class PortClosing(TimeProvider time, Log log)
{
    // Nobody tells when the last handshake is over: it is looked for, this often.
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(10);

    // Not at once: a handshake that got past the filter just now is not to be seen yet.
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(1);

    // How long nothing may come any more before a port counts as quiet.
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(50);

    // The same where nothing has come at all since the filter, and all that could come would be seen.
    private static readonly TimeSpan QuietFromTheStart = TimeSpan.FromMilliseconds(10);

    private int _saidUnfiltered;

    /// <summary>Lets no new handshake begin; the cures below are switched off by tests that show what they cure.</summary>
    public bool Filters { get; init; } = true;

    /// <summary>Waits for handshakes under way.</summary>
    public bool AwaitsHalfOpen { get; init; } = true;

    /// <summary>Waits until nothing comes any more.</summary>
    public bool AwaitsQuiet { get; init; } = true;

    /// <summary>Deletes a Unix socket's path before it waits, so that nobody comes meanwhile.</summary>
    public bool UnlinksFirst { get; init; } = true;

    /// <summary>
    /// A handshake that takes longer is given up: its client has sent nothing yet, or its network loses nearly everything.
    /// </summary>
    public TimeSpan QuietWaitMax { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Completes when nothing is left in the kernel's queues, within bounds.</summary>
    /// <param name="endpoint">Where the socket listens.</param>
    /// <param name="socket">The socket; null when the transport's own is not to be had.</param>
    /// <param name="accepted">How many connections have been accepted so far.</param>
    public async Task QuietenAsync(EndPoint endpoint, Socket? socket, Func<long> accepted)
    {
        var address = endpoint as IPEndPoint;
        var filtered = address is not null && socket is not null && Filters && SynFilter.TryAttach(socket);
        if (address is not null && !filtered && Interlocked.Exchange(ref _saidUnfiltered, 1) == 0)
        {
            log.NoSynFilter();
        }

        if (!AwaitsQuiet)
        {
            return;
        }

        var start = time.GetTimestamp();
        var (quietSince, seen) = (start, accepted());
        var (awaits, quiet) = AwaitsHalfOpen && filtered ? (true, QuietFromTheStart) : (false, Quiet);
        using PeriodicTimer timer = new(FirstLook, time);
        do
        {
            await timer.WaitForNextTickAsync();
            timer.Period = LookInterval;
            // Half-open first: one that is done between the two looks is found in the queue. Behind the filter there are never
            // more of them, so once none is left nobody needs to look again.
            var halfOpen = awaits && HalfOpen.AnyAt(address!);
            awaits = halfOpen;
            if (halfOpen || (socket is not null && HalfOpen.HasBacklog(socket)) || accepted() != seen)
            {
                (quietSince, seen, quiet) = (time.GetTimestamp(), accepted(), Quiet);
            }
        }
        while (time.GetElapsedTime(quietSince) < quiet && time.GetElapsedTime(start) < QuietWaitMax);
    }
}
