namespace ActorServer.Core;

/// <summary>What a node bears: the keys under <c>ActorServer:Limits</c>. All off by default, all changeable while it runs.</summary>
public sealed class LimitOptions
{
    /// <summary>How many connections at a time; null: any number. Those that were upgraded leave their place to others.</summary>
    public int? MaxConnections { get; set; }

    /// <summary>What becomes of a connection beyond <see cref="MaxConnections"/>. Default: it waits.</summary>
    public WhenFull WhenFull { get; set; }

    /// <summary>How many connections at a time from one IPv4 address or one /64 of IPv6; null: any number. More are refused.</summary>
    public int? MaxConnectionsPerPeer { get; set; }

    /// <summary>How old a connection grows, give or take a tenth, before it is announced that it ends. 1 s to 365 days; default infinite.</summary>
    public Duration MaxConnectionAge { get; set; } = Duration.Infinite;

    /// <summary>How long a connection may go on after that before it is aborted. 0 to 7 days; default infinite.</summary>
    public Duration MaxConnectionAgeGrace { get; set; } = Duration.Infinite;

    /// <summary>After how many requests a connection ends; null: any number.</summary>
    public int? MaxRequestsPerConnection { get; set; }

    /// <summary>How long nothing may come from a peer before TCP asks whether it is there. 1 s to 9 h; default infinite: never.</summary>
    public Duration KeepAliveTime { get; set; } = Duration.Infinite;

    /// <summary>How long TCP waits before it asks again. 1 s to 9 h; default 15 s.</summary>
    public Duration KeepAliveInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How often TCP asks in vain before the peer counts as lost. 1 to 127; default 9.</summary>
    public int KeepAliveRetryCount { get; set; } = 9;

    /// <summary>Answers over HTTP/1.x say how long the connection may be idle (<c>Keep-Alive: timeout=N</c>). Default false.</summary>
    public bool AdvertiseKeepAlive { get; set; }

    /// <summary>These options as a value.</summary>
    public LimitSettings Resolve() => new(
        MaxConnections, WhenFull, MaxConnectionsPerPeer, MaxConnectionAge, MaxConnectionAgeGrace, MaxRequestsPerConnection,
        KeepAliveTime, KeepAliveInterval, KeepAliveRetryCount, AdvertiseKeepAlive);

    /// <summary>Takes every value from settings.</summary>
    /// <param name="settings">The settings.</param>
    public void Set(LimitSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        MaxConnections = settings.MaxConnections;
        WhenFull = settings.WhenFull;
        MaxConnectionsPerPeer = settings.MaxConnectionsPerPeer;
        MaxConnectionAge = settings.MaxConnectionAge;
        MaxConnectionAgeGrace = settings.MaxConnectionAgeGrace;
        MaxRequestsPerConnection = settings.MaxRequestsPerConnection;
        KeepAliveTime = settings.KeepAliveTime;
        KeepAliveInterval = settings.KeepAliveInterval;
        KeepAliveRetryCount = settings.KeepAliveRetryCount;
        AdvertiseKeepAlive = settings.AdvertiseKeepAlive;
    }
}

/// <summary>What becomes of a connection beyond the limit.</summary>
public enum WhenFull
{
    /// <summary>It waits, unaccepted, until another one ends.</summary>
    Throttle,

    /// <summary>It is accepted and closed at once.</summary>
    Refuse,
}
