namespace ActorServer.Core;

/// <summary>Live connections by state.</summary>
/// <param name="New">Accepted, no request yet.</param>
/// <param name="Active">With requests in flight.</param>
/// <param name="Idle">Between requests.</param>
/// <param name="Upgraded">Beyond HTTP.</param>
public readonly record struct ConnectionCounts(int New, int Active, int Idle, int Upgraded)
{
    /// <summary>All live connections.</summary>
    public int Total => New + Active + Idle + Upgraded;

    /// <summary>The counts with one connection more, or fewer, in a state. Closed connections are not counted.</summary>
    /// <param name="state">The state.</param>
    /// <param name="change">+1 or -1.</param>
    public ConnectionCounts Add(ConnectionState state, int change) => state switch
    {
        ConnectionState.New => this with { New = New + change },
        ConnectionState.Active => this with { Active = Active + change },
        ConnectionState.Idle => this with { Idle = Idle + change },
        ConnectionState.Upgraded => this with { Upgraded = Upgraded + change },
        ConnectionState.Closed => this,
    };
}
