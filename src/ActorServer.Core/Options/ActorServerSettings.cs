namespace ActorServer.Core;

/// <summary>The configuration keys of <see cref="ActorServerOptions"/>.</summary>
public static class ActorServerSettings
{
    internal const int NodeLengthMax = 64;

    private static readonly Duration Hour = TimeSpan.FromHours(1);
    private static readonly Duration Minute = TimeSpan.FromMinutes(1);

    /// <summary>The table.</summary>
    public static SettingTable<ActorServerOptions> Table { get; } = new([
        Setting.Text<ActorServerOptions>(
            "Node", "machine name and process number",
            $"1 to {NodeLengthMax} letters, digits, dots, dashes or underscores", IsNodeName,
            o => o.Node, (o, v) => o.Node = v, "The node's name, part of every connection's identity."),
        Setting.Duration<ActorServerOptions>(
            "Drain:Budget", "22s", Duration.Zero, TimeSpan.FromDays(7), infinite: true,
            o => o.Drain.Budget, (o, v) => o.Drain.Budget = v,
            "From acceptance to the deadline. 0 aborts at once, infinite waits for ever."),
        Setting.Duration<ActorServerOptions>(
            "Drain:LameDuck", "5s (Development: 0)", Duration.Zero, Hour, infinite: false,
            o => o.Drain.LameDuck, (o, v) => o.Drain.LameDuck = v,
            "How long to announce the close before the ports close. Part of the budget."),
        Setting.Duration<ActorServerOptions>(
            "Drain:Spread", "2s (Development: 0)", Duration.Zero, Hour, infinite: true,
            o => o.Drain.Spread, (o, v) => o.Drain.Spread = v,
            "Over how long quiet connections close after that. Part of the budget. infinite leaves them to their own timeouts."),
        Setting.Duration<ActorServerOptions>(
            "Drain:AbortWait", "2s", Duration.Zero, Hour, infinite: false,
            o => o.Drain.AbortWait, (o, v) => o.Drain.AbortWait = v,
            "How long before the deadline what is left is aborted; at most half the budget."),
        Setting.Duration<ActorServerOptions>(
            "Drain:SilentGrace", "1s", Duration.Zero, Minute, infinite: false,
            o => o.Drain.SilentGrace, (o, v) => o.Drain.SilentGrace = v,
            "How long a connection that has not sent a request yet is left alone."),
        Setting.Duration<ActorServerOptions>(
            "Drain:IdleGrace", "500ms", Duration.Zero, Minute, infinite: false,
            o => o.Drain.IdleGrace, (o, v) => o.Drain.IdleGrace = v,
            "How long a connection must have been idle before the drain closes it."),
        Setting.Duration<ActorServerOptions>(
            "Drain:ExitWait", "6s", TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10), infinite: false,
            o => o.Drain.ExitWait, (o, v) => o.Drain.ExitWait = v,
            "What Kestrel's stop and the end of the process may take after the drain."),
        Setting.Duration<ActorServerOptions>(
            "Drain:HookWait", "2s", Duration.Zero, TimeSpan.FromMinutes(10), infinite: false,
            o => o.Drain.HookWait, (o, v) => o.Drain.HookWait = v,
            "How long each hook of the application may take."),
        Setting.Flag<ActorServerOptions>(
            "Drain:HandleSignals", true, o => o.Drain.HandleSignals, (o, v) => o.Drain.HandleSignals = v,
            "SIGTERM, SIGINT and SIGQUIT drain the node; false leaves them to the application."),
        .. LimitTable.Settings,
        .. AccessLogSettings.All,
    ]);

    internal static bool IsNodeLetter(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_';

    private static bool IsNodeName(string text) => text.Length is >= 1 and <= NodeLengthMax && text.All(IsNodeLetter);
}
