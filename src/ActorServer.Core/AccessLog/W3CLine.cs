using System.Buffers;
using System.Globalization;

namespace ActorServer.Core;

/// <summary>A line of the W3C extended log file format. Fields are divided by spaces; what is no visible ASCII is percent-encoded.</summary>
internal static class W3CLine
{
    /// <summary>The directives at the head of a file.</summary>
    public static readonly byte[] Header = [.. "#Version: 1.0\n#Software: ActorServer\n"u8,
        .. "#Fields: date time c-ip cs-method cs-uri-stem cs-uri-query sc-status sc-bytes cs-bytes time-taken cs-version cs-host cs(User-Agent) cs(Referer) x-forwarded x-request-id x-connection-id "u8,
        .. "x-trace-id x-outcome\n"u8];

    private static readonly SearchValues<char> Word = LineText.Visible(with: "", without: "\"");
    private static readonly SearchValues<char> NotDash = LineText.Visible(with: "", without: "\"-");
    private static readonly string[] Outcomes = Enum.GetNames<RequestOutcome>();

    public static void Write(in AccessEntry line, IBufferWriter<byte> output)
    {
        var target = line.Target.AsSpan();
        var query = target.IndexOf('?');
        LineText.Time(output, line.Time, "yyyy-MM-dd HH:mm:ss.fff");
        output.Write(" "u8);
        LineText.Address(output, line.Remote);
        Field(output, line.Method);
        Field(output, query < 0 ? target : target[..query]);
        Field(output, query < 0 ? default : target[(query + 1)..]);
        Number(output, line.Status);
        Number(output, line.ResponseBytes);
        Number(output, line.RequestBytes);
        output.Write(" "u8);
        // Seconds, as the format has it.
        line.Elapsed.TotalSeconds.TryFormat(output.GetSpan(32), out var written, "F6", CultureInfo.InvariantCulture);
        output.Advance(written);
        Field(output, line.Protocol);
        Field(output, line.Host);
        Field(output, line.UserAgent);
        Field(output, line.Referer);
        output.Write(" "u8);
        LineText.Address(output, line.Forwarded);
        Field(output, line.RequestId);
        Field(output, line.ConnectionId);
        Field(output, line.TraceId);
        Field(output, Outcomes[(int)line.Outcome]);
        output.Write("\n"u8);
    }

    private static void Number(IBufferWriter<byte> output, long number)
    {
        output.Write(" "u8);
        LineText.Number(output, number);
    }

    // A lone dash means that there is none.
    private static void Field(IBufferWriter<byte> output, ReadOnlySpan<char> text)
    {
        output.Write(" "u8);
        LineText.Escaped(output, text, text is "-" ? NotDash : Word, "%"u8);
    }
}
