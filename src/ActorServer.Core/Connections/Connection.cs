namespace ActorServer.Core;

/// <summary>The state machine of one connection: a value and a signal in, a value and an effect out.</summary>
/// <param name="State">What the connection is doing.</param>
/// <param name="Draining">The node drains and the connection's next response announces the close.</param>
/// <param name="Closing">The connection has been told to close once nothing is in flight.</param>
/// <remarks>No clock, no I/O. Every pair of state and signal has an answer; docs/connection-lifecycle.md shows them all.</remarks>
public readonly record struct Connection(ConnectionState State, bool Draining, bool Closing)
{
    /// <summary>A connection that has just been accepted.</summary>
    public static Connection Accepted => default;

    /// <summary>Hears one signal.</summary>
    /// <param name="signal">What happened, or what is asked.</param>
    /// <returns>The connection afterwards, what to do, and whether the pair is one that cannot happen.</returns>
    public ConnectionStep On(ConnectionSignal signal) => signal switch
    {
        ConnectionSignal.RequestStarted => State switch
        {
            // It came just before the close: it is served, and its response says so.
            ConnectionState.New or ConnectionState.Idle
                => To(ConnectionState.Active, Closing ? ConnectionEffect.Announce : ConnectionEffect.None),
            ConnectionState.Active or ConnectionState.Upgraded or ConnectionState.Closed => Refuse(),
        },
        ConnectionSignal.RequestEnded => State switch
        {
            ConnectionState.Active => To(ConnectionState.Idle, Closing ? ConnectionEffect.AwaitQuiet : ConnectionEffect.None),
            ConnectionState.New or ConnectionState.Idle or ConnectionState.Upgraded or ConnectionState.Closed => Refuse(),
        },
        ConnectionSignal.Upgraded => State switch
        {
            ConnectionState.Active
                => To(ConnectionState.Upgraded, Closing ? ConnectionEffect.RequestClose : ConnectionEffect.None),
            ConnectionState.New or ConnectionState.Idle or ConnectionState.Upgraded or ConnectionState.Closed => Refuse(),
        },
        ConnectionSignal.Closed => State switch
        {
            ConnectionState.New or ConnectionState.Active or ConnectionState.Idle or ConnectionState.Upgraded
                => To(ConnectionState.Closed),
            ConnectionState.Closed => Stay(),
        },
        ConnectionSignal.Drain => State switch
        {
            ConnectionState.New or ConnectionState.Active or ConnectionState.Idle or ConnectionState.Upgraded
                => (this with { Draining = true }).Stay(ConnectionEffect.Announce),
            ConnectionState.Closed => Stay(),
        },
        ConnectionSignal.Close => State switch
        {
            ConnectionState.New or ConnectionState.Idle => (this with { Closing = true }).Stay(ConnectionEffect.AwaitQuiet),
            ConnectionState.Active => (this with { Closing = true }).Stay(ConnectionEffect.Announce),
            // An upgraded connection is told, and ends when its application says so.
            ConnectionState.Upgraded => (this with { Closing = true }).Stay(ConnectionEffect.RequestClose),
            ConnectionState.Closed => Stay(),
        },
        ConnectionSignal.QuietElapsed => State switch
        {
            ConnectionState.New or ConnectionState.Idle => Stay(Closing ? ConnectionEffect.RequestClose : ConnectionEffect.None),
            // Late timers are normal here: a request has come in the meantime, or the connection has gone.
            ConnectionState.Active or ConnectionState.Upgraded or ConnectionState.Closed => Stay(),
        },
        ConnectionSignal.Resume => State switch
        {
            ConnectionState.New or ConnectionState.Active or ConnectionState.Idle or ConnectionState.Upgraded
                => (this with { Draining = false, Closing = false }).Stay(ConnectionEffect.Withdraw),
            ConnectionState.Closed => Stay(),
        },
        ConnectionSignal.Abort => State switch
        {
            ConnectionState.New or ConnectionState.Active or ConnectionState.Idle or ConnectionState.Upgraded
                => Stay(ConnectionEffect.Abort),
            ConnectionState.Closed => Stay(),
        },
    };

    private ConnectionStep To(ConnectionState state, ConnectionEffect effect = ConnectionEffect.None)
        => new(this with { State = state }, effect, Impossible: false);

    private ConnectionStep Stay(ConnectionEffect effect = ConnectionEffect.None) => new(this, effect, Impossible: false);

    private ConnectionStep Refuse() => new(this, ConnectionEffect.None, Impossible: true);
}

/// <summary>What one signal made of a connection.</summary>
/// <param name="Next">The connection afterwards.</param>
/// <param name="Effect">What its transport is to do.</param>
/// <param name="Impossible">The signal cannot come in that state; the connection is unchanged and the case is counted.</param>
public readonly record struct ConnectionStep(Connection Next, ConnectionEffect Effect, bool Impossible);
