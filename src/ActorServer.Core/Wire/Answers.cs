namespace ActorServer.Core.Wire;

/// <summary>What a node answers.</summary>
public interface IWireAnswer : IWireMessage
{
    /// <summary>The node that answers.</summary>
    string Node { get; }
}

/// <summary>Answers <see cref="Hello"/>.</summary>
/// <param name="Node">The node's name.</param>
public sealed record Here(string Node) : IWireAnswer;

/// <summary>The node drains.</summary>
/// <param name="Node">The node.</param>
/// <param name="Drain">The drain as it stands.</param>
public sealed record DrainAccepted(string Node, DrainReport Drain) : IWireAnswer;

/// <summary>The drain goes on; told to subscribers.</summary>
/// <param name="Node">The node.</param>
/// <param name="Drain">The drain as it stands.</param>
public sealed record DrainProgress(string Node, DrainReport Drain) : IWireAnswer;

/// <summary>The drain is over or was called off; told to whoever asked for it and to subscribers.</summary>
/// <param name="Node">The node.</param>
/// <param name="Drain">The drain as it ended.</param>
public sealed record DrainCompleted(string Node, DrainReport Drain) : IWireAnswer;

/// <summary>The node's status.</summary>
/// <param name="Node">The node.</param>
/// <param name="Status">Its status.</param>
public sealed record StatusAnswer(string Node, NodeStatus Status) : IWireAnswer;

/// <summary>A page of connections, oldest first.</summary>
/// <param name="Node">The node.</param>
/// <param name="Items">The connections.</param>
/// <param name="Next">The cursor of the next page; null on the last one.</param>
public sealed record ConnectionsAnswer(string Node, IReadOnlyList<ConnectionSnapshot> Items, string? Next) : IWireAnswer;

/// <summary>A connection as it is, or as it ended.</summary>
/// <param name="Node">The node.</param>
/// <param name="Connection">The connection.</param>
public sealed record ConnectionAnswer(string Node, ConnectionSnapshot Connection) : IWireAnswer;

/// <summary>The connection's actor has been told.</summary>
/// <param name="Node">The node.</param>
/// <param name="Id">The connection.</param>
/// <param name="Abort">It is cut; false: it closes once nothing is in flight.</param>
public sealed record CloseAccepted(string Node, string Id, bool Abort) : IWireAnswer;

/// <summary>The cluster has given up a member: it is removed, and ends if it still lives and hears of it.</summary>
/// <param name="Node">The node that has done it.</param>
/// <param name="Member">The member's address.</param>
public sealed record Downed(string Node, string Member) : IWireAnswer;

/// <summary>There is no such connection, or no longer.</summary>
/// <param name="Node">The node that says so.</param>
/// <param name="Id">The connection.</param>
/// <param name="EndReason">Why it ended; null when its end is forgotten, or it never was.</param>
public sealed record Gone(string Node, string Id, EndReason? EndReason) : IWireAnswer;

/// <summary>The sender is told of drains.</summary>
/// <param name="Node">The node.</param>
/// <param name="Drain">The last drain as it stands; null when there was none.</param>
public sealed record Subscribed(string Node, DrainReport? Drain) : IWireAnswer;

/// <summary>The sender is told of drains no more.</summary>
/// <param name="Node">The node.</param>
public sealed record Unsubscribed(string Node) : IWireAnswer;

/// <summary>What was asked is not done.</summary>
/// <param name="Node">The node that refuses.</param>
/// <param name="Code">Why, for programs.</param>
/// <param name="Message">Why, in a sentence.</param>
public sealed record Refused(string Node, RefusalCode Code, string Message) : IWireAnswer;

/// <summary>What was sent could not be read: its manifest is not known here, or its bytes are not what it says.</summary>
/// <param name="Node">The node.</param>
/// <param name="Manifest">What was sent.</param>
/// <param name="Message">What is wrong, in a sentence.</param>
/// <param name="Known">The manifests that are known here.</param>
public sealed record NotUnderstood(string Node, string Manifest, string Message, IReadOnlyList<string> Known) : IWireAnswer;

/// <summary>What stands in a mailbox for a message that could not be read. It never travels.</summary>
/// <param name="Manifest">What was sent.</param>
/// <param name="Problem">What is wrong, in a sentence.</param>
public sealed record Unreadable(string Manifest, string Problem) : IWireMessage;

/// <summary>Why something is not done.</summary>
public enum RefusalCode
{
    /// <summary>A field of the request is not allowed.</summary>
    Invalid,

    /// <summary>A change that did not come to a node's own address must name its node.</summary>
    NodeNotNamed,

    /// <summary>No node of that name is known.</summary>
    UnknownNode,

    /// <summary>The node, or one that may be the one meant, does not answer.</summary>
    Unreachable,

    /// <summary>The node is in no state to do it, or the application refused.</summary>
    Conflict,

    /// <summary>The node's own actors do not answer.</summary>
    NoAnswer,

    /// <summary>The node is in no cluster that it could leave.</summary>
    NoCluster,

    /// <summary>The node is asked too much at once. Nothing was done; it may be asked again.</summary>
    Busy,
}
