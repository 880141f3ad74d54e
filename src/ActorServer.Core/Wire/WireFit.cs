namespace ActorServer.Core.Wire;

/// <summary>Cuts what clients have made long, so that no client can make an answer too long to be sent.</summary>
internal static class WireFit
{
    private const int MethodMax = 32;
    private const int PathMax = 128;
    private const int TextMax = 256;
    private const int RequestsMax = 100;

    /// <summary>The message as it is sent.</summary>
    public static object Fit(object message) => message switch
    {
        DrainAccepted m => m with { Drain = Fit(m.Drain) },
        DrainProgress m => m with { Drain = Fit(m.Drain) },
        DrainCompleted m => m with { Drain = Fit(m.Drain) },
        Subscribed { Drain: { } drain } m => m with { Drain = Fit(drain) },
        StatusAnswer { Status.Drain: { } drain } m => m with { Status = m.Status with { Drain = Fit(drain) } },
        ConnectionsAnswer m => m with { Items = [.. m.Items.Select(Fit)] },
        ConnectionAnswer m => m with { Connection = Fit(m.Connection) },
        _ => message,
    };

    /// <summary>A text that came from elsewhere.</summary>
    public static string Cut(string text) => Cut(text, TextMax);

    private static DrainReport Fit(DrainReport drain) => drain with
    {
        Reason = drain.Reason is { } reason ? Cut(reason) : null,
        Blockers = [.. drain.Blockers.Take(DrainReport.BlockersMax).Select(static b => b with
        {
            Id = Cut(b.Id, PathMax),
            Method = b.Method is { } method ? Cut(method, MethodMax) : null,
            Path = b.Path is { } path ? Cut(path, PathMax) : null,
        })],
    };

    private static ConnectionSnapshot Fit(ConnectionSnapshot connection) => connection with
    {
        CurrentRequests = [.. connection.CurrentRequests.Take(RequestsMax).Select(
            static r => r with { Method = Cut(r.Method, MethodMax), Path = Cut(r.Path, PathMax) })],
    };

    private static string Cut(string text, int length)
        => text.Length <= length ? text
            // Not in the middle of a character.
            : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[length - 2]) ? length - 2 : length - 1), "…");
}
