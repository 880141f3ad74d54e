namespace ActorServer.Core;

/// <summary>
/// What has happened on a connection so far, in one word: requests in flight, how often the connection has become active
/// or idle, and what it has come to. The front end writes it, the connection's actor reads it.
/// </summary>
/// <param name="Word">The packed facts. They only grow, except for the requests in flight.</param>
/// <remarks>
/// Two HTTP/2 streams that end and start on two threads may report in either order, so a report says only "look": the reader
/// walks from what it has seen to what is here with <see cref="TryNext"/>. Edges strictly alternate, an odd count means
/// active, so no transition is missed, invented or swapped.
/// </remarks>
public readonly record struct Activity(ulong Word)
{
    private const int EdgeShift = 28;
    private const ulong InFlightMask = (1UL << 20) - 1;
    private const ulong UpgradedBit = 1UL << 20;
    private const ulong EndingBit = 1UL << 21;
    private const ulong RefusedBit = 1UL << 22;
    private const ulong AbortedBit = 1UL << 23;
    private const ulong ClosedBit = 1UL << 24;
    private const ulong RejectedBit = 1UL << 25;
    private const ulong AnnouncedBit = 1UL << 26;
    private const ulong UnansweredBit = 1UL << 27;
    private const ulong OneEdge = 1UL << EdgeShift;

    /// <summary>Requests in flight; at most 1,048,575.</summary>
    public int InFlight => (int)(Word & InFlightMask);

    /// <summary>How often the connection has become active (odd) or idle (even) so far.</summary>
    public long Edges => (long)(Word >> EdgeShift);

    /// <summary>The connection has left HTTP.</summary>
    public bool IsUpgraded => (Word & UpgradedBit) != 0;

    /// <summary>The last response announced that the connection ends after it.</summary>
    public bool IsEnding => (Word & EndingBit) != 0;

    /// <summary>The server refused a request before the application saw it.</summary>
    public bool IsRefused => (Word & RefusedBit) != 0;

    /// <summary>The server or the application has cut the connection.</summary>
    public bool IsAborted => (Word & AbortedBit) != 0;

    /// <summary>The connection was turned away at a limit.</summary>
    public bool IsRejected => (Word & RejectedBit) != 0;

    /// <summary>The peer has been told, outside a response, that the connection ends (HTTP/2's GOAWAY).</summary>
    public bool IsAnnounced => (Word & AnnouncedBit) != 0;

    /// <summary>The peer of an upgraded connection was told goodbye, and did not answer in time.</summary>
    public bool IsUnanswered => (Word & UnansweredBit) != 0;

    /// <summary>The socket is gone.</summary>
    public bool IsClosed => (Word & ClosedBit) != 0;

    private bool IsActive => (Word & OneEdge) != 0;

    /// <summary>A request has been read. One more than the word can count is not counted.</summary>
    public Activity Started()
        => IsClosed || InFlight == (int)InFlightMask ? this : (this with { Word = Word + 1 }).Turn(toActive: true);

    /// <summary>A request is over.</summary>
    /// <param name="keepAlive">Another request may follow on this connection.</param>
    public Activity Ended(bool keepAlive)
    {
        if (InFlight == 0)
        {
            return this;
        }

        var next = new Activity((Word - 1) | (keepAlive ? 0 : EndingBit));
        return next.InFlight == 0 && !next.IsEnding && !next.IsAborted ? next.Turn(toActive: false) : next;
    }

    /// <summary>The request in flight turned the connection over to another protocol.</summary>
    public Activity Upgraded() => InFlight > 0 ? new(Word | UpgradedBit) : this;

    /// <summary>The server refused a request by itself. One that the application has seen counts as any other.</summary>
    public Activity Refused() => IsClosed || InFlight > 0 ? this : new(Turn(toActive: true).Word | RefusedBit | EndingBit);

    /// <summary>The server or the application cut the connection.</summary>
    public Activity Aborted() => new(Word | AbortedBit);

    /// <summary>The peer has been told, outside a response, that the connection ends.</summary>
    public Activity Announced() => new(Word | AnnouncedBit);

    /// <summary>The peer of an upgraded connection was told goodbye, and did not answer in time.</summary>
    public Activity Unanswered() => new(Word | UnansweredBit);

    /// <summary>The connection was turned away at a limit.</summary>
    public Activity Rejected() => new(Word | RejectedBit);

    /// <summary>The socket is gone, and with it whatever was in flight. What is reported late moves nothing any more.</summary>
    public Activity Closed() => new((Word & ~InFlightMask) | ClosedBit);

    /// <summary>Finds the first thing that happened after <paramref name="seen"/>.</summary>
    /// <param name="seen">What the reader has seen; moved on by one step.</param>
    /// <param name="signal">What happened.</param>
    /// <returns>False when the reader has seen it all.</returns>
    public bool TryNext(ref Activity seen, out ConnectionSignal signal)
    {
        // Purposefully not "less than": the edges of a connection that lives for ever begin again at zero.
        if (seen.Edges != Edges)
        {
            seen = new(seen.Word + OneEdge);
            signal = seen.IsActive ? ConnectionSignal.RequestStarted : ConnectionSignal.RequestEnded;
            return true;
        }

        if (IsUpgraded && !seen.IsUpgraded)
        {
            seen = new(seen.Word | UpgradedBit);
            signal = ConnectionSignal.Upgraded;
            return true;
        }

        signal = ConnectionSignal.Closed;
        if (!IsClosed || seen.IsClosed)
        {
            return false;
        }

        seen = new(seen.Word | ClosedBit);
        return true;
    }

    private Activity Turn(bool toActive) => IsActive == toActive || IsUpgraded ? this : new(Word + OneEdge);
}
