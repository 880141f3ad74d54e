using System.Buffers;

namespace ActorServer.Core;

/// <summary>Writes lines of the access log in one format, as UTF-8. One thread at a time.</summary>
public sealed class AccessFormatter
{
    // Kestrel's own default for a request line; a server that allows more has longer lines cut.
    private const int TextLengthMax = 8192;

    private readonly AccessFormat _format;
    private readonly QueryRedaction? _redaction;
    private readonly JsonLine _json = new();

    /// <summary>Makes one.</summary>
    /// <param name="options">Format and redaction.</param>
    public AccessFormatter(AccessLogOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _format = options.Format;
        _redaction = QueryRedaction.Parse(options.RedactQuery);
    }

    /// <summary>What stands at the head of a file; empty for most formats.</summary>
    public ReadOnlyMemory<byte> Header => _format switch
    {
        AccessFormat.W3C => W3CLine.Header,
        AccessFormat.Json or AccessFormat.Combined => default,
    };

    /// <summary>Writes a line, its end included.</summary>
    /// <param name="entry">The request.</param>
    /// <param name="output">Where to.</param>
    public void Write(in AccessEntry entry, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        var line = Trimmed(entry);
        switch (_format)
        {
            case AccessFormat.Json:
                _json.Write(line, output);
                break;
            case AccessFormat.Combined:
                CombinedLine.Write(line, output);
                break;
            case AccessFormat.W3C:
                W3CLine.Write(line, output);
                break;
        }
    }

    private AccessEntry Trimmed(in AccessEntry entry)
    {
        var line = entry;
        line.Target = Trim(Redact(entry.Target));
        line.Referer = Trim(Redact(entry.Referer));
        line.UserAgent = Trim(entry.UserAgent);
        line.Host = Trim(entry.Host);
        line.Method = Trim(entry.Method);
        line.RequestId = Trim(entry.RequestId);
        return line;
    }

    private string? Redact(string? address) => address is null ? null : _redaction?.Apply(address) ?? address;

    private static string? Trim(string? text) => text?.Length > TextLengthMax ? text[..TextLengthMax] + "..." : text;
}
