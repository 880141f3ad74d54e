namespace ActorServer.Core;

/// <summary>The configuration keys of <see cref="LimitOptions"/>.</summary>
public static class LimitTable
{
    /// <summary>Where these keys are, below <see cref="ActorServerOptions.Section"/>.</summary>
    public const string Section = "Limits";

    private const int ManyMax = 10_000_000;
    private const int RequestsMax = 1_000_000_000;

    // What Linux takes.
    private const int RetriesMax = 127;
    private static readonly Duration KeepAliveMax = TimeSpan.FromHours(9);

    private static readonly Duration Second = TimeSpan.FromSeconds(1);

    /// <summary>The settings, in the order of the documentation.</summary>
    public static IReadOnlyList<Setting<ActorServerOptions>> Settings { get; } =
    [
        Setting.NumberOrNone<ActorServerOptions>(
            "Limits:MaxConnections", 1, ManyMax, o => o.Limits.MaxConnections, (o, v) => o.Limits.MaxConnections = v,
            "How many connections at a time. Upgraded ones do not count."),
        Setting.Choice<ActorServerOptions, WhenFull>(
            "Limits:WhenFull", WhenFull.Throttle, o => o.Limits.WhenFull, (o, v) => o.Limits.WhenFull = v,
            "Whether one more waits until there is a place, or is closed at once."),
        Setting.NumberOrNone<ActorServerOptions>(
            "Limits:MaxConnectionsPerPeer", 1, ManyMax,
            o => o.Limits.MaxConnectionsPerPeer, (o, v) => o.Limits.MaxConnectionsPerPeer = v,
            "How many at a time from one IPv4 address or one /64 of IPv6, upgraded ones too; one more is closed at once."),
        Setting.Duration<ActorServerOptions>(
            "Limits:MaxConnectionAge", "infinite", Second, TimeSpan.FromDays(365), infinite: true,
            o => o.Limits.MaxConnectionAge, (o, v) => o.Limits.MaxConnectionAge = v,
            "How old a connection grows, give or take a tenth, before its end is announced."),
        Setting.Duration<ActorServerOptions>(
            "Limits:MaxConnectionAgeGrace", "infinite", Duration.Zero, TimeSpan.FromDays(7), infinite: true,
            o => o.Limits.MaxConnectionAgeGrace, (o, v) => o.Limits.MaxConnectionAgeGrace = v,
            "How long it may go on after that before it is aborted."),
        Setting.NumberOrNone<ActorServerOptions>(
            "Limits:MaxRequestsPerConnection", 1, RequestsMax,
            o => o.Limits.MaxRequestsPerConnection, (o, v) => o.Limits.MaxRequestsPerConnection = v,
            "With which request a connection announces its end."),
        Setting.Duration<ActorServerOptions>(
            "Limits:KeepAliveTime", "infinite", Second, KeepAliveMax, infinite: true,
            o => o.Limits.KeepAliveTime, (o, v) => o.Limits.KeepAliveTime = v,
            "How long nothing may come from a peer before TCP asks whether it is still there. infinite never asks."),
        Setting.Duration<ActorServerOptions>(
            "Limits:KeepAliveInterval", "15s", Second, KeepAliveMax, infinite: false,
            o => o.Limits.KeepAliveInterval, (o, v) => o.Limits.KeepAliveInterval = v, "How long TCP waits before it asks again."),
        Setting.Number<ActorServerOptions>(
            "Limits:KeepAliveRetryCount", LimitSettings.None.KeepAliveRetryCount, 1, RetriesMax,
            o => o.Limits.KeepAliveRetryCount, (o, v) => o.Limits.KeepAliveRetryCount = (int)v,
            "How often TCP asks in vain before the peer counts as lost."),
        Setting.Flag<ActorServerOptions>(
            "Limits:AdvertiseKeepAlive", false, o => o.Limits.AdvertiseKeepAlive, (o, v) => o.Limits.AdvertiseKeepAlive = v,
            "Answers over HTTP/1.x say `Keep-Alive: timeout=N`: how long the connection may be idle before its client should not use it any more."),
    ];

    /// <summary>What is different between two values, in words.</summary>
    /// <param name="old">One.</param>
    /// <param name="young">The other.</param>
    public static string Differences(LimitSettings old, LimitSettings young)
    {
        ActorServerOptions before = new(), after = new();
        before.Limits.Set(old);
        after.Limits.Set(young);
        return string.Join(", ",
            from setting in Settings
            let texts = (From: setting.Current(before).Text, To: setting.Current(after).Text)
            where texts.From != texts.To
            select $"{setting.Key[(Section.Length + 1)..]} from {texts.From} to {texts.To}");
    }
}
