namespace ActorServer.Core;

/// <summary>An immutable answer about one connection.</summary>
/// <param name="Id">The identity: the node's name, a dash, and HttpContext's <c>Connection.Id</c>.</param>
/// <param name="Node">The name of the node that accepted it.</param>
/// <param name="State">What it is doing.</param>
/// <param name="Draining">Its next response announces the close.</param>
/// <param name="Peer">The remote end; null where the transport has none.</param>
/// <param name="Local">The local end; null where the transport has none.</param>
/// <param name="Protocol">HTTP/1.1, HTTP/2 …; null until the first request.</param>
/// <param name="Tls">The connection is encrypted.</param>
/// <param name="AcceptedAt">When it was accepted (UTC).</param>
/// <param name="StateSince">When it entered its state (UTC).</param>
/// <param name="Requests">Requests answered so far.</param>
/// <param name="InFlight">Requests in flight.</param>
/// <param name="CurrentRequests">The requests in flight, in no order.</param>
/// <param name="BytesSent">Bytes handed to the transport, with headers, framing and encryption.</param>
/// <param name="Timeline">The last transitions, oldest first.</param>
/// <param name="EndReason">Why it ended; null while it lives.</param>
public sealed record ConnectionSnapshot(
    string Id,
    string Node,
    ConnectionState State,
    bool Draining,
    string? Peer,
    string? Local,
    string? Protocol,
    bool Tls,
    DateTimeOffset AcceptedAt,
    DateTimeOffset StateSince,
    long Requests,
    int InFlight,
    IReadOnlyList<CurrentRequest> CurrentRequests,
    long BytesSent,
    IReadOnlyList<TimelineEntry> Timeline,
    EndReason? EndReason);

/// <summary>A request in flight.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path, without the query: tokens travel there.</param>
/// <param name="Since">When it was read (UTC).</param>
public readonly record struct CurrentRequest(string Method, string Path, DateTimeOffset Since);

/// <summary>One transition.</summary>
/// <param name="State">The state entered.</param>
/// <param name="At">When (UTC).</param>
public readonly record struct TimelineEntry(ConnectionState State, DateTimeOffset At);
