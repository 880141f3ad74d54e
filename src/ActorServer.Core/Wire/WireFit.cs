using System.Text;

namespace ActorServer.Core.Wire;

/// <summary>Cuts what clients have made long, so that no client can make an answer too long to be sent.</summary>
internal static class WireFit
{
    // In bytes as they are written: a character is one, or six where it is escaped.
    private const int MethodMax = 32;
    private const int PathMax = 256;
    private const int TextMax = 512;
    private const int EscapedLength = 6;

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
    /// <remarks>It goes to logs: no line may end in it.</remarks>
    public static string Cut(string text)
        => Cut(string.Concat(text.Select(static c => char.IsControl(c) ? '\uFFFD' : c)), TextMax);

    /// <summary>The connection as it is sent.</summary>
    public static ConnectionSnapshot Fit(ConnectionSnapshot connection) => connection with
    {
        CurrentRequests = [.. connection.CurrentRequests.Take(RequestsMax).Select(
            static r => r with { Method = Cut(r.Method, MethodMax), Path = Cut(r.Path, PathMax) })],
    };

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

    private static string Cut(string text, int max)
    {
        var (length, room) = (0, max - EscapedLength);
        foreach (var rune in text.EnumerateRunes())
        {
            room -= IsPlain(rune) ? 1 : rune.Utf16SequenceLength * EscapedLength;
            if (room < 0)
            {
                return string.Concat(text.AsSpan(0, length), "…");
            }

            length += rune.Utf16SequenceLength;
        }

        return text;
    }

    // Purposefully not all that stay as they are: too short by a few characters is well.
    private static bool IsPlain(Rune rune) => rune.IsAscii
        && (char.IsAsciiLetterOrDigit((char)rune.Value) || rune.Value is '/' or '-' or '.' or '_' or '%' or ':' or ' ');
}
