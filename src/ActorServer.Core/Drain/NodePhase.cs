namespace ActorServer.Core;

/// <summary>How far a node has come on its way out.</summary>
public enum NodePhase
{
    /// <summary>Serving.</summary>
    Serving,

    /// <summary>Still accepting and serving, no longer ready; every response announces the close.</summary>
    LameDuck,

    /// <summary>The ports are closed or closing; quiet connections close, busy ones are awaited.</summary>
    Draining,

    /// <summary>Nobody is left, or the deadline was enforced.</summary>
    Drained,
}

/// <summary>How far a drain has come.</summary>
public enum DrainPhase
{
    /// <summary>Announcing; ports open.</summary>
    LameDuck,

    /// <summary>Ports closed or closing; waiting.</summary>
    Draining,

    /// <summary>Over.</summary>
    Drained,

    /// <summary>Called off.</summary>
    Cancelled,
}

/// <summary>Who asked for a drain.</summary>
public enum DrainTrigger
{
    /// <summary>SIGTERM, SIGINT or SIGQUIT.</summary>
    Signal,

    /// <summary>The host stops.</summary>
    Host,

    /// <summary>The admin API.</summary>
    Api,

    /// <summary>A message from another process.</summary>
    Message,

    /// <summary>The application's own code.</summary>
    Code,

    /// <summary>The node leaves its cluster.</summary>
    ClusterLeave,
}
