namespace ActorServer.Core;

/// <summary>Why a connection ended.</summary>
public enum EndReason
{
    /// <summary>The peer closed it, or was lost.</summary>
    ClientClosed,

    /// <summary>Its last response announced the close, and was sent.</summary>
    Completed,

    /// <summary>
    /// It was closed while nothing was in flight, or with no answer to a WebSocket's goodbye: by a drain, by an operator or for its age.
    /// </summary>
    Closed,

    /// <summary>The server refused a request (400, 408, 413, 431, 505) and closed.</summary>
    Refused,

    /// <summary>It was turned away at a limit, unserved.</summary>
    Rejected,

    /// <summary>The protocol it was upgraded to came to its end.</summary>
    UpgradeEnded,

    /// <summary>An operator or the application's code aborted it through its actor.</summary>
    Aborted,

    /// <summary>A drain's deadline aborted it.</summary>
    DrainAborted,

    /// <summary>It was cut because it went on for longer than its age and the grace of that.</summary>
    AgeAborted,

    /// <summary>The server cut it: an exception after the response began, a data rate too low, a protocol error.</summary>
    Failed,

    /// <summary>The server closed it by itself: a keep-alive timeout, or a handshake that failed.</summary>
    ServerClosed,
}

/// <summary>What is known at a connection's end.</summary>
/// <param name="Activity">All that happened on it.</param>
/// <param name="AbortedBy">Why its actor aborted it, if it did: one of the reasons that end in Aborted.</param>
/// <param name="CloseRequested">Its actor closed it.</param>
/// <param name="PeerClosed">The peer's end was seen before ours.</param>
public readonly record struct ConnectionEnd(Activity Activity, EndReason? AbortedBy, bool CloseRequested, bool PeerClosed)
{
    /// <summary>The reason, the most telling first: who cut it, then what it had come to, then who closed it.</summary>
    public EndReason Reason
        => AbortedBy is { } aborted ? aborted
        : Activity.IsRejected ? EndReason.Rejected
        : Activity.IsRefused ? EndReason.Refused
        // Before the cut: a handler whose peer never answered the goodbye mostly ends with an exception.
        : Activity.IsUnanswered ? EndReason.Closed
        : Activity.IsAborted ? EndReason.Failed
        : Activity.IsUpgraded ? EndReason.UpgradeEnded
        : Activity.IsEnding || Activity.IsAnnounced ? EndReason.Completed
        : PeerClosed ? EndReason.ClientClosed
        : CloseRequested ? EndReason.Closed
        : EndReason.ServerClosed;
}
