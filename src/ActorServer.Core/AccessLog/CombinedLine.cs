using System.Buffers;

namespace ActorServer.Core;

/// <summary>A line of the combined log format, escaped as nginx does it.</summary>
internal static class CombinedLine
{
    // Between quotes a space is a space; within the request line it would divide.
    private static readonly SearchValues<char> Words = LineText.Visible(with: " ", without: "\"\\");
    private static readonly SearchValues<char> Word = LineText.Visible(with: "", without: "\"\\");

    public static void Write(in AccessEntry line, IBufferWriter<byte> output)
    {
        LineText.Address(output, line.Remote);
        output.Write(" - - ["u8);
        LineText.Time(output, line.Time, "dd'/'MMM'/'yyyy':'HH':'mm':'ss' +0000'");
        output.Write("] \""u8);
        if (line.Method is { Length: > 0 } && line.Target is { Length: > 0 })
        {
            Text(output, line.Method);
            output.Write(" "u8);
            Text(output, line.Target);
            output.Write(" "u8);
            // Analysers know it with its minor number.
            Text(output, line.Protocol == "HTTP/2" ? "HTTP/2.0" : line.Protocol);
        }
        else
        {
            output.Write("-"u8);
        }

        output.Write("\" "u8);
        LineText.Number(output, line.Status);
        output.Write(" "u8);
        LineText.Number(output, line.ResponseBytes);
        output.Write(" \""u8);
        Quoted(output, line.Referer);
        output.Write("\" \""u8);
        Quoted(output, line.UserAgent);
        output.Write("\"\n"u8);
    }

    private static void Text(IBufferWriter<byte> output, string? text) => LineText.Escaped(output, text, Word, "\\x"u8);

    private static void Quoted(IBufferWriter<byte> output, string? text) => LineText.Escaped(output, text, Words, "\\x"u8);
}
