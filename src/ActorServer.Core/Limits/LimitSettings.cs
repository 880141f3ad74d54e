namespace ActorServer.Core;

/// <summary>What a node bears, as a value.</summary>
/// <param name="MaxConnections">How many connections at a time; null: any number.</param>
/// <param name="WhenFull">What becomes of one more.</param>
/// <param name="MaxConnectionsPerPeer">How many at a time from one peer; null: any number.</param>
/// <param name="MaxConnectionAge">How old a connection grows, give or take a tenth.</param>
/// <param name="MaxConnectionAgeGrace">How long it may go on after that.</param>
/// <param name="MaxRequestsPerConnection">After how many requests it ends; null: any number.</param>
/// <param name="KeepAliveTime">How long nothing may come from a peer before TCP asks; infinite: never.</param>
/// <param name="KeepAliveInterval">How long TCP waits before it asks again.</param>
/// <param name="KeepAliveRetryCount">How often TCP asks in vain.</param>
/// <param name="AdvertiseKeepAlive">Answers say how long the connection may be idle.</param>
public sealed record LimitSettings(
    int? MaxConnections,
    WhenFull WhenFull,
    int? MaxConnectionsPerPeer,
    Duration MaxConnectionAge,
    Duration MaxConnectionAgeGrace,
    int? MaxRequestsPerConnection,
    Duration KeepAliveTime,
    Duration KeepAliveInterval,
    int KeepAliveRetryCount,
    bool AdvertiseKeepAlive)
{
    /// <summary>No limits at all.</summary>
    public static LimitSettings None { get; } = new LimitOptions().Resolve();

    /// <summary>What is to be done with one more connection.</summary>
    /// <param name="live">How many there are.</param>
    /// <param name="ofPeer">How many of them are its peer's.</param>
    public Admission Admit(int live, int ofPeer)
        // The peer first: one that has had its share must not wait for a place that it will not get.
        => ofPeer >= MaxConnectionsPerPeer ? Admission.Refuse
        : !IsFull(live) ? Admission.Accept
        : WhenFull switch
        {
            WhenFull.Throttle => Admission.Wait,
            WhenFull.Refuse => Admission.Refuse,
        };

    /// <summary>Whether a connection had better not be accepted yet.</summary>
    /// <param name="live">How many there are.</param>
    public bool Throttles(int live) => WhenFull == WhenFull.Throttle && IsFull(live);

    private bool IsFull(int live) => live >= MaxConnections;
}

/// <summary>What is done with one more connection.</summary>
public enum Admission
{
    /// <summary>It is served.</summary>
    Accept,

    /// <summary>It waits for a place.</summary>
    Wait,

    /// <summary>It is closed.</summary>
    Refuse,
}
