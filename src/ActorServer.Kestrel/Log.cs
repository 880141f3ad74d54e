namespace ActorServer.Kestrel;

/// <summary>What this room says. Ids are never reused; the next is 208; 210 to 221 are the access log's and failures'.</summary>
internal sealed partial class Log(ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger("ActorServer.Kestrel");

    [LoggerMessage(200, LogLevel.Error, "The node could not drain; Kestrel stops by itself.", EventName = nameof(NotDrained))]
    public partial void NotDrained(Exception exception);

    [LoggerMessage(201, LogLevel.Warning,
        "The host's shutdown timeout, {Timeout}, is shorter than the drain's budget and exit wait together, {Total}: it will cut a drain short.",
        EventName = nameof(ShutdownTimeoutShort))]
    public partial void ShutdownTimeoutShort(TimeSpan timeout, string total);

    [LoggerMessage(202, LogLevel.Warning,
        "The application's server is {Server}, not Kestrel: no connection will be tracked.", EventName = nameof(NotKestrel))]
    public partial void NotKestrel(string server);

    [LoggerMessage(206, LogLevel.Warning,
        "The actor system has not ended within the host's patience; the process ends without it.", EventName = nameof(SystemNotEnded))]
    public partial void SystemNotEnded();

    [LoggerMessage(207, LogLevel.Warning,
        "Akka's phase service-requests-done waits for {Timeout}, less than the drain's budget, {Budget}: the end of the actor system will cut a drain short.",
        EventName = nameof(PhaseShort))]
    public partial void PhaseShort(TimeSpan timeout, string budget);

    [LoggerMessage(205, LogLevel.Warning,
        "No SYN filter can be had here: a port closes once nothing has come for a moment, and a connection being made just then may be lost.",
        EventName = nameof(NoSynFilter))]
    public partial void NoSynFilter();

    [LoggerMessage(206, LogLevel.Warning,
        "No connection can be accepted: {Reason}. Those that are open are served, and it is tried again ({Failures} tries failed since this was last said).",
        EventName = nameof(AcceptFailed))]
    public partial void AcceptFailed(string reason, int failures);

    [LoggerMessage(207, LogLevel.Error, "The configuration has changed, and is not allowed; the limits stay as they were. {Problem}",
        EventName = nameof(LimitsNotReloaded))]
    public partial void LimitsNotReloaded(string problem);

    [LoggerMessage(210, LogLevel.Warning,
        "{News} lines of the access log are lost, {Count} since the start: {Reason}.", EventName = nameof(AccessLinesDropped))]
    public partial void AccessLinesDropped(long news, long count, string reason);

    [LoggerMessage(211, LogLevel.Error,
        "{Method} {Path}, request {RequestId}: the application threw, and answers with a 500.", EventName = nameof(Unhandled))]
    public partial void Unhandled(Exception exception, string method, string? path, string requestId);

    [LoggerMessage(203, LogLevel.Information, "{Signal}: draining. A second one ends the drain now.", EventName = nameof(Signalled))]
    public partial void Signalled(string signal);

    [LoggerMessage(204, LogLevel.Warning, "{Signal} again: what is left is aborted.", EventName = nameof(SignalledAgain))]
    public partial void SignalledAgain(string signal);
}

/// <summary>What the console's lifetime says, in its own words and category: people and tools wait for it.</summary>
internal static partial class HostLog
{
    [LoggerMessage(LogLevel.Information, "Application started. Press Ctrl+C to shut down.")]
    public static partial void Started(ILogger logger);

    [LoggerMessage(LogLevel.Information, "Hosting environment: {EnvName}")]
    public static partial void EnvironmentName(ILogger logger, string envName);

    [LoggerMessage(LogLevel.Information, "Content root path: {ContentRoot}")]
    public static partial void ContentRoot(ILogger logger, string contentRoot);

    [LoggerMessage(LogLevel.Information, "Application is shutting down...")]
    public static partial void Stopping(ILogger logger);
}
