namespace ActorServer.Core;

/// <summary>How a node drains: the keys under <c>ActorServer:Drain</c>.</summary>
public sealed class DrainOptions
{
    /// <summary>From acceptance to the deadline. 0 to 7 days or infinite; default 22 s. Zero aborts at once, infinite waits for ever.</summary>
    public Duration Budget { get; set; } = TimeSpan.FromSeconds(22);

    /// <summary>How long to announce before the ports close. 0 to 1 h; default 5 s, in Development 0 (null).</summary>
    public Duration? LameDuck { get; set; }

    /// <summary>
    /// Over how long quiet connections close after that. 0 to 1 h or infinite; default 2 s, in Development 0 (null). Infinite leaves
    /// them to their own timeouts, until the deadline.
    /// </summary>
    public Duration? Spread { get; set; }

    /// <summary>How long before the deadline what is left is aborted. 0 to 1 h; default 2 s.</summary>
    public Duration AbortWait { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a connection that has not sent a request is left alone. 0 to 1 min; default 1 s.</summary>
    public Duration SilentGrace { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a connection must have been idle before it is closed. 0 to 1 min; default 500 ms.</summary>
    public Duration IdleGrace { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>What Kestrel's stop, the cluster's leave and the process's end may take after the drain. 1 s to 10 min; default 6 s.</summary>
    public Duration ExitWait { get; set; } = TimeSpan.FromSeconds(6);

    /// <summary>How long each hook of the application may take. 0 to 10 min; default 2 s.</summary>
    public Duration HookWait { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>SIGTERM, SIGINT and SIGQUIT drain the node; false leaves them to the application. Default true.</summary>
    public bool HandleSignals { get; set; } = true;

    /// <summary>The settings that follow from these options.</summary>
    /// <param name="isDevelopment">LameDuck and Spread default to 0.</param>
    public DrainSettings Resolve(bool isDevelopment) => new(
        Budget,
        LameDuck ?? (isDevelopment ? TimeSpan.Zero : TimeSpan.FromSeconds(5)),
        Spread ?? (isDevelopment ? TimeSpan.Zero : TimeSpan.FromSeconds(2)),
        AbortWait, SilentGrace, IdleGrace, ExitWait, HookWait);
}

/// <summary>How a node drains, with every default in its place.</summary>
/// <param name="Budget">From acceptance to the deadline; may be infinite.</param>
/// <param name="LameDuck">How long to announce.</param>
/// <param name="Spread">Over how long quiet connections close.</param>
/// <param name="AbortWait">How long before the deadline to abort.</param>
/// <param name="SilentGrace">How long to leave a silent connection alone.</param>
/// <param name="IdleGrace">How long to leave an idle connection alone.</param>
/// <param name="ExitWait">What may follow the drain.</param>
/// <param name="HookWait">How long each hook may take.</param>
public sealed record DrainSettings(
    Duration Budget,
    Duration LameDuck,
    Duration Spread,
    Duration AbortWait,
    Duration SilentGrace,
    Duration IdleGrace,
    Duration ExitWait,
    Duration HookWait)
{
    /// <summary>From acceptance to the end of the process.</summary>
    public Duration Total => Budget + ExitWait;
}
