namespace ActorServer.Core.Wire;

/// <summary>Whatever travels between a node and ops tooling, or between two nodes.</summary>
/// <remarks>
/// Every message has a manifest, a name and a version, and a golden file under test. A message is only ever extended: a new field
/// has a default, no field is renamed, removed or given another meaning; what cannot be done so is a new version.
/// </remarks>
public interface IWireMessage;

/// <summary>What ops tooling asks.</summary>
public interface IWireRequest : IWireMessage
{
    /// <summary>The node that is to answer; null: the one that hears it.</summary>
    string? Node { get; }
}

/// <summary>A request that changes something. It is written to the log, with who sent it.</summary>
public interface IWireChange : IWireRequest
{
    /// <summary>Why, for the record.</summary>
    string? Reason { get; }

    /// <summary>Who, in the words of the sender: nobody has checked them.</summary>
    string? By { get; }
}

/// <summary>
/// Drain the node, or join the drain that runs. Answered with <see cref="DrainAccepted"/>, and at its end with
/// <see cref="DrainCompleted"/>; or with <see cref="Refused"/>.
/// </summary>
/// <param name="Node">The node; null: the one that hears it.</param>
/// <param name="Budget">From acceptance to the deadline; null: as the node's settings say.</param>
/// <param name="LameDuck">How long to announce; null: as the node's settings say.</param>
/// <param name="Spread">Over how long quiet connections close; null: as the node's settings say.</param>
/// <param name="Reason">Why, for the record.</param>
/// <param name="Extend">For a drain that joins a running one: the later deadline holds, not the earlier.</param>
/// <param name="By">Who, in the words of the sender.</param>
public sealed record Drain(
    string? Node = null,
    Duration? Budget = null,
    Duration? LameDuck = null,
    Duration? Spread = null,
    string? Reason = null,
    bool Extend = false,
    string? By = null) : IWireChange;

/// <summary>Call a drain off, or open the ports of a suspended node. Answered with <see cref="StatusAnswer"/> or <see cref="Refused"/>.</summary>
/// <param name="Node">The node; null: the one that hears it.</param>
/// <param name="Reason">Why, for the record.</param>
/// <param name="By">Who, in the words of the sender.</param>
public sealed record Resume(string? Node = null, string? Reason = null, string? By = null) : IWireChange;

/// <summary>Close the ports without a drain. Answered with <see cref="StatusAnswer"/> or <see cref="Refused"/>.</summary>
/// <param name="Node">The node; null: the one that hears it.</param>
/// <param name="Reason">Why, for the record.</param>
/// <param name="By">Who, in the words of the sender.</param>
public sealed record Suspend(string? Node = null, string? Reason = null, string? By = null) : IWireChange;

/// <summary>
/// Drain the node, then let it leave its cluster; its process ends. Answered like <see cref="Drain"/>: after
/// <see cref="DrainCompleted"/> it leaves.
/// </summary>
/// <param name="Node">The node; null: the one that hears it.</param>
/// <param name="Budget">From acceptance to the deadline; null: as the node's settings say.</param>
/// <param name="LameDuck">How long to announce; null: as the node's settings say.</param>
/// <param name="Spread">Over how long quiet connections close; null: as the node's settings say.</param>
/// <param name="Reason">Why, for the record.</param>
/// <param name="By">Who, in the words of the sender.</param>
public sealed record Leave(
    string? Node = null,
    Duration? Budget = null,
    Duration? LameDuck = null,
    Duration? Spread = null,
    string? Reason = null,
    string? By = null) : IWireChange;

/// <summary>Close one connection. Answered with <see cref="CloseAccepted"/>, <see cref="Gone"/> or <see cref="Refused"/>.</summary>
/// <param name="Id">The connection; its identity begins with the name of its node.</param>
/// <param name="Abort">Cut it now; false: close it once nothing is in flight.</param>
/// <param name="Node">Its node; null: the one its identity begins with.</param>
/// <param name="Reason">Why, for the record.</param>
/// <param name="By">Who, in the words of the sender.</param>
public sealed record CloseConnection(
    string Id, bool Abort = false, string? Node = null, string? Reason = null, string? By = null) : IWireChange;

/// <summary>
/// Give up a member of the cluster that cannot be reached: it has died, or never comes back. Answered with <see cref="Downed"/> or
/// <see cref="Refused"/>. Whichever member hears it tells the others.
/// </summary>
/// <param name="Member">The member's address, in full or as <c>host:port</c>.</param>
/// <param name="Node">The node that is to do it; null: the one that hears it.</param>
/// <param name="Reason">Why, for the record.</param>
/// <param name="By">Who, in the words of the sender.</param>
public sealed record Down(string Member, string? Node = null, string? Reason = null, string? By = null) : IWireChange;

/// <summary>Answered with <see cref="StatusAnswer"/>.</summary>
/// <param name="Node">The node; null: the one that hears it.</param>
public sealed record GetStatus(string? Node = null) : IWireRequest;

/// <summary>Answered with <see cref="ConnectionsAnswer"/>, oldest first.</summary>
/// <param name="Node">The node; null: the one that hears it.</param>
/// <param name="State">Only those in this state; <see cref="ConnectionState.Closed"/> lists the remembered ends.</param>
/// <param name="Peer">Only those whose peer is this address, or this address and port.</param>
/// <param name="OlderThan">Only those accepted at least this long ago.</param>
/// <param name="Limit">How many at most; 1 to 1000. A page whose bytes would be too many is shorter.</param>
/// <param name="Cursor">What the page before said of the next; null from the oldest on.</param>
public sealed record ListConnections(
    string? Node = null,
    ConnectionState? State = null,
    string? Peer = null,
    Duration? OlderThan = null,
    int Limit = 100,
    string? Cursor = null) : IWireRequest;

/// <summary>Answered with <see cref="ConnectionAnswer"/> or <see cref="Gone"/>.</summary>
/// <param name="Id">The connection; its identity begins with the name of its node.</param>
/// <param name="Node">Its node; null: the one its identity begins with.</param>
public sealed record GetConnection(string Id, string? Node = null) : IWireRequest;

/// <summary>
/// Tell the sender of every drain: <see cref="DrainProgress"/> a few times a second while one runs, then
/// <see cref="DrainCompleted"/>. Answered with <see cref="Subscribed"/>. A subscriber that ends is forgotten.
/// </summary>
/// <param name="Node">The node; null: the one that hears it.</param>
public sealed record SubscribeToDrain(string? Node = null) : IWireRequest;

/// <summary>Tell the sender no more of drains. Answered with <see cref="Unsubscribed"/>.</summary>
/// <param name="Node">The node; null: the one that hears it.</param>
public sealed record UnsubscribeFromDrain(string? Node = null) : IWireRequest;

/// <summary>What is your name? Answered with <see cref="Here"/>, by whoever hears it.</summary>
public sealed record Hello : IWireRequest
{
    /// <inheritdoc/>
    string? IWireRequest.Node => null;
}
