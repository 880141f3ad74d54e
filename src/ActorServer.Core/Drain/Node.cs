namespace ActorServer.Core;

/// <summary>What a node's machine can hear.</summary>
public enum NodeSignal
{
    /// <summary>A drain was asked for.</summary>
    Drain,

    /// <summary>LameDuck has been waited out.</summary>
    LameDuckElapsed,

    /// <summary>The listening sockets are closed, and every connection they had accepted is known.</summary>
    PortsClosed,

    /// <summary>No connection is left.</summary>
    Quiescent,

    /// <summary>The drain is <c>AbortWait</c> before its deadline.</summary>
    AbortDue,

    /// <summary>The drain's deadline has come.</summary>
    DeadlinePassed,

    /// <summary>The ports are to close without a drain.</summary>
    Suspend,

    /// <summary>The ports are open again: the node serves, whatever it was about to do.</summary>
    Resume,
}

/// <summary>What a node's machine asks for.</summary>
[Flags]
public enum NodeEffects
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Let every response announce the close.</summary>
    Announce = 1,

    /// <summary>Close the ports, losing no connection; raise <see cref="NodeSignal.PortsClosed"/> when done.</summary>
    ClosePorts = 2,

    /// <summary>Close every connection at its turn, as soon as nothing is in flight.</summary>
    CloseConnections = 4,

    /// <summary>Cut every connection.</summary>
    AbortConnections = 8,

    /// <summary>Write the drain's last word.</summary>
    Complete = 16,

    /// <summary>Take the announcement back: keep-alive returns, and nobody is closed any more.</summary>
    Withdraw = 32,
}

/// <summary>The state machine of a node: a value and a signal in, a value and effects out.</summary>
/// <param name="Phase">How far the node has come.</param>
/// <param name="PortsClosed">The listening sockets are closed.</param>
/// <param name="Aborting">What is left has been cut, and so will be what still comes.</param>
/// <param name="Suspended">The ports are closed, or closing, without a drain.</param>
/// <remarks>No clock, no I/O. Every pair of phase and signal has an answer.</remarks>
public readonly record struct Node(NodePhase Phase, bool PortsClosed, bool Aborting, bool Suspended)
{
    /// <summary>A node that has just started.</summary>
    public static Node Started => default;

    /// <summary>Hears one signal.</summary>
    /// <param name="signal">What happened, or what is asked.</param>
    /// <returns>The node afterwards, and what to do, in the order of the flags.</returns>
    public NodeStep On(NodeSignal signal) => signal switch
    {
        NodeSignal.Drain => Phase switch
        {
            NodePhase.Serving => new(this with { Phase = NodePhase.LameDuck }, NodeEffects.Announce),
            // A second drain joins the first: it changes the plan, not the phase.
            NodePhase.LameDuck or NodePhase.Draining or NodePhase.Drained => Stay(),
        },
        NodeSignal.LameDuckElapsed => Phase switch
        {
            // A suspended node's ports are closed already: it is told so once more.
            NodePhase.LameDuck => new(this with { Phase = NodePhase.Draining, PortsClosed = false }, NodeEffects.ClosePorts),
            NodePhase.Serving or NodePhase.Draining or NodePhase.Drained => Stay(),
        },
        NodeSignal.PortsClosed => Phase switch
        {
            NodePhase.Draining => new(
                this with { PortsClosed = true }, Aborting ? NodeEffects.AbortConnections : NodeEffects.CloseConnections),
            NodePhase.LameDuck or NodePhase.Drained => new(this with { PortsClosed = true }, NodeEffects.None),
            NodePhase.Serving => new(this with { PortsClosed = Suspended }, NodeEffects.None),
        },
        NodeSignal.Quiescent => Phase switch
        {
            // Before the ports are closed "nobody is left" may be untrue a moment later.
            NodePhase.Draining => PortsClosed ? Complete(NodeEffects.None) : Stay(),
            NodePhase.Serving or NodePhase.LameDuck or NodePhase.Drained => Stay(),
        },
        NodeSignal.AbortDue => Phase switch
        {
            NodePhase.LameDuck => new(
                this with { Phase = NodePhase.Draining, PortsClosed = false, Aborting = true },
                NodeEffects.ClosePorts | NodeEffects.AbortConnections),
            NodePhase.Draining => new(this with { Aborting = true }, NodeEffects.AbortConnections),
            NodePhase.Serving or NodePhase.Drained => Stay(),
        },
        NodeSignal.DeadlinePassed => Phase switch
        {
            NodePhase.LameDuck => Complete(NodeEffects.ClosePorts | NodeEffects.AbortConnections),
            NodePhase.Draining => Complete(NodeEffects.AbortConnections),
            NodePhase.Serving or NodePhase.Drained => Stay(),
        },
        NodeSignal.Suspend => Phase switch
        {
            NodePhase.Serving => Suspended ? Stay() : new(this with { Suspended = true }, NodeEffects.ClosePorts),
            // The drain closes the ports in its own time.
            NodePhase.LameDuck or NodePhase.Draining or NodePhase.Drained => Stay(),
        },
        NodeSignal.Resume => Phase switch
        {
            NodePhase.Serving => new(Started, NodeEffects.None),
            NodePhase.LameDuck or NodePhase.Draining or NodePhase.Drained => new(Started, NodeEffects.Withdraw),
        },
    };

    private NodeStep Complete(NodeEffects before)
        => new(this with { Phase = NodePhase.Drained, Aborting = true }, before | NodeEffects.Complete);

    private NodeStep Stay() => new(this, NodeEffects.None);
}

/// <summary>What one signal made of a node.</summary>
/// <param name="Next">The node afterwards.</param>
/// <param name="Effects">What to do.</param>
public readonly record struct NodeStep(Node Next, NodeEffects Effects);
