namespace ActorServer.Core;

/// <summary>What a connection's machine asks of its transport.</summary>
public enum ConnectionEffect
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Let the next response announce the close.</summary>
    Announce,

    /// <summary>Raise <see cref="ConnectionSignal.QuietElapsed"/> once the grace of a quiet connection is over.</summary>
    AwaitQuiet,

    /// <summary>Close now, politely: nothing is in flight.</summary>
    RequestClose,

    /// <summary>Let responses be as they are again: the close is off, if it was not asked for yet.</summary>
    Withdraw,

    /// <summary>Cut the connection.</summary>
    Abort,
}
