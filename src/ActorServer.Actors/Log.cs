using ActorServer.Core;
using Microsoft.Extensions.Logging;

namespace ActorServer.Actors;

/// <summary>What this room says. Ids are never reused; the next is 122.</summary>
internal sealed partial class Log(ILogger logger)
{
    [LoggerMessage(100, LogLevel.Debug, "Connection {Id}: {From} to {To}.", EventName = nameof(Transition))]
    public partial void Transition(string id, ConnectionState from, ConnectionState to);

    [LoggerMessage(101, LogLevel.Warning, "Connection {Id} is {State} and cannot hear {Signal}; ignored.", EventName = nameof(ImpossibleSignal))]
    public partial void ImpossibleSignal(string id, ConnectionState state, ConnectionSignal signal);

    [LoggerMessage(102, LogLevel.Error, "Observer {Observer} failed.", EventName = nameof(ObserverFailed))]
    public partial void ObserverFailed(Exception exception, string observer);

    [LoggerMessage(103, LogLevel.Information,
        "Drain {Id} accepted from {Trigger} ({Reason}): {Initial} connections, lame duck until {LameDuckUntil:O}, deadline {Deadline}.",
        EventName = nameof(DrainAccepted))]
    public partial void DrainAccepted(
        long id, DrainTrigger trigger, string reason, int initial, DateTimeOffset lameDuckUntil, string deadline);

    [LoggerMessage(104, LogLevel.Information, "Drain {Id} joined by {Trigger} ({Reason}): deadline {Deadline}.", EventName = nameof(DrainJoined))]
    public partial void DrainJoined(long id, DrainTrigger trigger, string reason, string deadline);

    [LoggerMessage(105, LogLevel.Information, "Phase {Phase}, {Remaining} connections.", EventName = nameof(PhaseEntered))]
    public partial void PhaseEntered(NodePhase phase, int remaining);

    [LoggerMessage(106, LogLevel.Warning, "Drain {Id}: aborting {Remaining} connections: {Names}.", EventName = nameof(DrainAborts))]
    public partial void DrainAborts(string id, int remaining, string names);

    [LoggerMessage(107, LogLevel.Information,
        "Drain {Id} ended after {Elapsed}: {Initial} connections at its start, {Closed} closed, {Completed} completed, {Aborted} aborted, {Stragglers} stragglers.",
        EventName = nameof(DrainEnded))]
    public partial void DrainEnded(
        long id, TimeSpan elapsed, int initial, int closed, int completed, int aborted, int stragglers);

    [LoggerMessage(108, LogLevel.Error, "The supervisor failed and goes on with {Connections} connections.", EventName = nameof(SupervisorRestarted))]
    public partial void SupervisorRestarted(Exception exception, int connections);

    [LoggerMessage(109, LogLevel.Error, "The actor of connection {Id} could not be made; the connection is cut.", EventName = nameof(ActorNotMade))]
    public partial void ActorNotMade(Exception exception, string id);

    [LoggerMessage(110, LogLevel.Error, "The ports did not close cleanly.", EventName = nameof(PortsNotClosed))]
    public partial void PortsNotClosed(Exception exception);

    [LoggerMessage(111, LogLevel.Information, "Operator: {Verb} of connection {Id}.", EventName = nameof(OperatorCommand))]
    public partial void OperatorCommand(string verb, string id);

    [LoggerMessage(112, LogLevel.Error, "The actor of connection {Id} failed and goes on.", EventName = nameof(ConnectionRestarted))]
    public partial void ConnectionRestarted(Exception exception, string id);

    [LoggerMessage(113, LogLevel.Information, "Drain {Id}: waiting for {Remaining} connections, longest for {Names}.", EventName = nameof(DrainWaits))]
    public partial void DrainWaits(string id, int remaining, string names);

    [LoggerMessage(114, LogLevel.Information, "Resumed from {Phase}.", EventName = nameof(Resumed))]
    public partial void Resumed(NodePhase phase);

    [LoggerMessage(115, LogLevel.Error, "The ports could not be opened again; the node stays as it was.", EventName = nameof(PortsNotOpened))]
    public partial void PortsNotOpened(Exception exception);

    [LoggerMessage(116, LogLevel.Error, "{Hook}.{Call} failed or took too long; the drain goes on.", EventName = nameof(HookFailed))]
    public partial void HookFailed(Exception exception, string hook, string call);

    [LoggerMessage(117, LogLevel.Information,
        "{Verb} of {What} by {By} at {Address} ({Reason}).", EventName = nameof(WireChange))]
    public partial void WireChange(string verb, string what, string by, string address, string reason);

    [LoggerMessage(118, LogLevel.Warning,
        "{Manifest} from {Address} is not understood: {Problem} ({Skipped} such lines were left away before.)", EventName = nameof(NotUnderstood))]
    public partial void NotUnderstood(string manifest, string address, string problem, long skipped);

    [LoggerMessage(119, LogLevel.Error, "The gateway failed and goes on.", EventName = nameof(GatewayFailed))]
    public partial void GatewayFailed(Exception exception);

    [LoggerMessage(120, LogLevel.Information, "Limits changed by {By}: {Changes}.", EventName = nameof(LimitsChanged))]
    public partial void LimitsChanged(string by, string changes);

    [LoggerMessage(121, LogLevel.Warning,
        "The gateway refuses {Address}: {Full} ({Skipped} such lines were left away before).", EventName = nameof(GatewayBusy))]
    public partial void GatewayBusy(string full, string address, long skipped);
}
