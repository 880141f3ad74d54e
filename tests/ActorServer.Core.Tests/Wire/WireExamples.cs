using ActorServer.Core.Wire;

namespace ActorServer.Core.Tests.Wire;

/// <summary>A message of each kind, with something in every field.</summary>
internal static class WireExamples
{
    private const string Node = "web-1";

    private static readonly DateTimeOffset At = new(2026, 11, 23, 2, 21, 9, 454, TimeSpan.Zero);

    private static readonly ConnectionSnapshot Connection = new(
        "web-1-0HNQ911", Node, ConnectionState.Active, Draining: true, "192.0.2.7:50100", "192.0.2.1:443", "HTTP/1.1", Tls: true, At,
        At.AddSeconds(3), Requests: 41, InFlight: 1, [new("GET", "/slow", At.AddSeconds(3))], BytesSent: 123_456,
        [new(ConnectionState.New, At), new(ConnectionState.Active, At.AddSeconds(3))], EndReason: null);

    private static readonly ConnectionSnapshot Ended = Connection with
    {
        State = ConnectionState.Closed,
        InFlight = 0,
        CurrentRequests = [],
        EndReason = EndReason.DrainAborted,
    };

    private static readonly DrainReport Drain = new(
        "2", DrainPhase.Draining, DrainTrigger.Message, "release 7", At, At.AddSeconds(5), At.AddSeconds(22), EndedAt: null,
        Initial: 10, Remaining: 2, Closed: 3, Completed: 5, Aborted: 0, Stragglers: 0,
        [new("web-1-0HNQ911", "192.0.2.7:50100", ConnectionState.Active, TimeSpan.FromSeconds(8.5), "GET", "/slow", At)]);

    private static readonly NodeStatus Status = new(
        Node, NodePhase.Draining, Accepting: false, Ready: false, At, new(1, 2, 3, 4),
        new(Accepted: 20, Closed: 10, Rejected: 1, Aborted: 2, Requests: 345), Drain)
    {
        AccessLog = new(Written: 345, Dropped: 6),
    };

    public static IReadOnlyList<IWireMessage> All { get; } =
    [
        new Core.Wire.Drain(Node, TimeSpan.FromSeconds(22), TimeSpan.FromSeconds(5), Duration.Infinite, "release 7", Extend: true, "ann@ops"),
        new Resume(Node, "release 7 is bad", "ann@ops"),
        new Suspend(Node, "a look at it", "ann@ops"),
        new Leave(Node, TimeSpan.FromSeconds(22), Duration.Zero, TimeSpan.FromMilliseconds(1500), "scale in", "ann@ops"),
        new CloseConnection("web-1-0HNQ911", Abort: true, Node, "stuck", "ann@ops"),
        new Down("192.0.2.2:4053", Node, "its computer is gone", "ann@ops"),
        new GetStatus(Node),
        new ListConnections(Node, ConnectionState.Idle, "192.0.2.7", TimeSpan.FromMinutes(2), Limit: 50, Cursor: "17"),
        new GetConnection("web-1-0HNQ911", Node),
        new SubscribeToDrain(Node),
        new UnsubscribeFromDrain(Node),
        new Hello(),
        new Here(Node),
        new DrainAccepted(Node, Drain),
        new DrainProgress(Node, Drain),
        new DrainCompleted(Node, Drain with { Phase = DrainPhase.Drained, EndedAt = At.AddSeconds(21), Remaining = 0, Aborted = 2, Blockers = [] }),
        new StatusAnswer(Node, Status),
        new ConnectionsAnswer(Node, [Connection, Ended], Next: "19"),
        new ConnectionAnswer(Node, Ended),
        new CloseAccepted(Node, "web-1-0HNQ911", Abort: true),
        new Downed(Node, "akka.tcp://ActorServer@192.0.2.2:4053"),
        new Gone(Node, "web-1-0HNQ911", EndReason.ClientClosed),
        new Subscribed(Node, Drain),
        new Unsubscribed(Node),
        new Refused(Node, RefusalCode.Conflict, "Drain 2 cannot be called off: the process ends."),
        new NotUnderstood(Node, "drain/7", "No such message is known here, or not in this version.", ["drain/1", "resume/1"]),
    ];

    public static IWireMessage Of(string manifest) => All.Single(m => WireCodec.ManifestOf(m) == manifest);
}
