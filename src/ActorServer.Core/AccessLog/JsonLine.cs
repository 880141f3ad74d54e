using System.Buffers;
using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ActorServer.Core;

/// <summary>A line of JSON. The names are a contract: tools hold on to them.</summary>
internal sealed class JsonLine
{
    // Purposefully relaxed: this is no HTML. Quotes, backslashes, control characters and half surrogates are escaped all the same.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private static readonly JsonEncodedText Time = JsonEncodedText.Encode("time");
    private static readonly JsonEncodedText Remote = JsonEncodedText.Encode("remote");
    private static readonly JsonEncodedText Forwarded = JsonEncodedText.Encode("forwarded");
    private static readonly JsonEncodedText Method = JsonEncodedText.Encode("method");
    private static readonly JsonEncodedText Target = JsonEncodedText.Encode("target");
    private static readonly JsonEncodedText Protocol = JsonEncodedText.Encode("protocol");
    private static readonly JsonEncodedText Host = JsonEncodedText.Encode("host");
    private static readonly JsonEncodedText Status = JsonEncodedText.Encode("status");
    private static readonly JsonEncodedText ResponseBytes = JsonEncodedText.Encode("responseBytes");
    private static readonly JsonEncodedText RequestBytes = JsonEncodedText.Encode("requestBytes");
    private static readonly JsonEncodedText ElapsedMs = JsonEncodedText.Encode("elapsedMs");
    private static readonly JsonEncodedText UserAgent = JsonEncodedText.Encode("userAgent");
    private static readonly JsonEncodedText Referer = JsonEncodedText.Encode("referer");
    private static readonly JsonEncodedText RequestIdName = JsonEncodedText.Encode("requestId");
    private static readonly JsonEncodedText ConnectionId = JsonEncodedText.Encode("connectionId");
    private static readonly JsonEncodedText TraceId = JsonEncodedText.Encode("traceId");
    private static readonly JsonEncodedText OutcomeName = JsonEncodedText.Encode("outcome");
    private static readonly JsonEncodedText[] Outcomes =
        [.. Enum.GetValues<RequestOutcome>().Select(o => JsonEncodedText.Encode(o.ToString()))];

    private Utf8JsonWriter? _writer;

    public void Write(in AccessEntry line, IBufferWriter<byte> output)
    {
        var writer = _writer ??= new(output, Options);
        writer.Reset(output);
        writer.WriteStartObject();
        writer.WriteString(Time, line.Time);
        Write(writer, Remote, line.Remote);
        Write(writer, Forwarded, line.Forwarded);
        writer.WriteString(Method, line.Method);
        writer.WriteString(Target, line.Target);
        writer.WriteString(Protocol, line.Protocol);
        writer.WriteString(Host, line.Host);
        writer.WriteNumber(Status, line.Status);
        writer.WriteNumber(ResponseBytes, line.ResponseBytes);
        writer.WriteNumber(RequestBytes, line.RequestBytes);
        WriteMilliseconds(writer, line.Elapsed);
        writer.WriteString(UserAgent, line.UserAgent);
        writer.WriteString(Referer, line.Referer);
        writer.WriteString(RequestIdName, line.RequestId);
        writer.WriteString(ConnectionId, line.ConnectionId);
        writer.WriteString(TraceId, line.TraceId);
        writer.WriteString(OutcomeName, Outcomes[(int)line.Outcome]);
        writer.WriteEndObject();
        writer.Flush();
        output.Write("\n"u8);
    }

    private static void Write(Utf8JsonWriter writer, JsonEncodedText name, IPAddress? address)
    {
        if (address is null)
        {
            writer.WriteNull(name);
            return;
        }

        Span<byte> text = stackalloc byte[LineText.AddressLengthMax];
        writer.WriteString(name, text[..LineText.Format(address, text)]);
    }

    // Microseconds: finer than that is noise, and a double's last digits would be too.
    private static void WriteMilliseconds(Utf8JsonWriter writer, TimeSpan elapsed)
        => writer.WriteNumber(ElapsedMs, new decimal((long)elapsed.TotalMicroseconds) / 1000);
}
