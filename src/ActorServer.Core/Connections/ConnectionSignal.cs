namespace ActorServer.Core;

/// <summary>What a connection's machine can hear.</summary>
public enum ConnectionSignal
{
    /// <summary>The number of requests in flight rose from zero to one.</summary>
    RequestStarted,

    /// <summary>The number of requests in flight fell from one to zero, and the connection is kept alive.</summary>
    RequestEnded,

    /// <summary>The connection left HTTP.</summary>
    Upgraded,

    /// <summary>The socket is gone.</summary>
    Closed,

    /// <summary>The node drains: the next response announces the close.</summary>
    Drain,

    /// <summary>The connection is to close as soon as nothing is in flight and its grace is over.</summary>
    Close,

    /// <summary>The grace of a quiet connection is over.</summary>
    QuietElapsed,

    /// <summary>The drain was called off.</summary>
    Resume,

    /// <summary>The connection is to be cut now.</summary>
    Abort,
}
