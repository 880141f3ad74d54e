using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ActorServer.Core.Tests.AccessLog;

/// <summary>What lines look like, and that nothing in a request breaks out of one.</summary>
public sealed partial class FormatSpecs
{
    private static readonly AccessEntry Request = new()
    {
        Time = new DateTime(2026, 11, 23, 2, 21, 9, 454, DateTimeKind.Utc),
        Remote = IPAddress.Parse("192.0.2.7"),
        Forwarded = IPAddress.Parse("2001:db8::1"),
        Method = "GET",
        Target = "/a/b?c=d&e",
        Protocol = "HTTP/1.1",
        Host = "example.org:8080",
        Status = 200,
        Outcome = RequestOutcome.Completed,
        ResponseBytes = 12345,
        RequestBytes = 67,
        Elapsed = TimeSpan.FromMicroseconds(1234.5),
        UserAgent = "curl/8 (a b)",
        Referer = "http://example.org/",
        RequestId = "id-1",
        ConnectionId = "node-1-0HNQ",
        TraceId = "0af7651916cd43dd8448eb211c80319c",
    };

    // What a client may try to put into a line, or an application into its method and host.
    public static TheoryData<string> Hostile =>
    [
        "a\nb", "a\r\nb", "\"", "\\", "\\\"", "\" 200 1 \"-\" \"-\"\n", "a\tb", "\0", "\u001b[31mred", "\u007f", "\u0085", "\u2028\u2029", "ä€😀",
        "\ud83d", "\ude00\ud83d", "-", " ", "  a  ", "%0a%22", "]", "{}", "#Fields: x", "", "\ufffe\uffff",
    ];

    [Fact]
    public void Json_has_the_names_of_the_contract()
        => Assert.Equal(
            """
            {"time":"2026-11-23T02:21:09.454Z","remote":"192.0.2.7","forwarded":"2001:db8::1","method":"GET","target":"/a/b?c=d&e","protocol":"HTTP/1.1","host":"example.org:8080","status":200,"responseBytes":12345,"requestBytes":67,"elapsedMs":1.234,"userAgent":"curl/8 (a b)","referer":"http://example.org/","requestId":"id-1","connectionId":"node-1-0HNQ","traceId":"0af7651916cd43dd8448eb211c80319c","outcome":"Completed"}

            """.ReplaceLineEndings("\n"),
            Line(AccessFormat.Json, Request));

    [Fact]
    public void Combined_is_that_of_Apache_and_nginx()
        => Assert.Equal(
            "192.0.2.7 - - [23/Nov/2026:02:21:09 +0000] \"GET /a/b?c=d&e HTTP/1.1\" 200 12345 \"http://example.org/\" \"curl/8 (a b)\"\n",
            Line(AccessFormat.Combined, Request));

    [Fact]
    public void W3C_has_a_value_for_each_field_of_its_head()
    {
        var head = Encoding.UTF8.GetString(Formatter(AccessFormat.W3C).Header.Span).Split('\n');
        Assert.Equal("#Version: 1.0", head[0]);
        var fields = head.Single(l => l.StartsWith("#Fields: ", StringComparison.Ordinal)).Split(' ')[1..];

        Assert.Equal(
            [
                ("date", "2026-11-23"), ("time", "02:21:09.454"), ("c-ip", "192.0.2.7"), ("cs-method", "GET"), ("cs-uri-stem", "/a/b"),
                ("cs-uri-query", "c=d&e"), ("sc-status", "200"), ("sc-bytes", "12345"), ("cs-bytes", "67"), ("time-taken", "0.001234"),
                ("cs-version", "HTTP/1.1"), ("cs-host", "example.org:8080"), ("cs(User-Agent)", "curl/8%20(a%20b)"),
                ("cs(Referer)", "http://example.org/"), ("x-forwarded", "2001:db8::1"), ("x-request-id", "id-1"),
                ("x-connection-id", "node-1-0HNQ"), ("x-trace-id", "0af7651916cd43dd8448eb211c80319c"), ("x-outcome", "Completed"),
            ],
            fields.Zip(Line(AccessFormat.W3C, Request).TrimEnd('\n').Split(' ')));
    }

    [Fact]
    public void What_is_not_known_is_null_or_a_dash()
    {
        AccessEntry nothing = new() { Status = 400, Outcome = RequestOutcome.Refused };

        var json = JsonElement.Parse(Line(AccessFormat.Json, nothing));
        Assert.Equal(17, json.EnumerateObject().Count());
        Assert.Equal(JsonValueKind.Null, json.GetProperty("remote").ValueKind);
        Assert.Equal("- - - [01/Jan/0001:00:00:00 +0000] \"-\" 400 0 \"-\" \"-\"\n", Line(AccessFormat.Combined, nothing));
        Assert.Equal(
            "0001-01-01 00:00:00.000 - - - - 400 0 0 0.000000 - - - - - - - - Refused\n", Line(AccessFormat.W3C, nothing));
    }

    [Fact]
    public void An_IPv4_address_that_came_mapped_into_IPv6_is_written_as_what_it_is()
    {
        var request = Request with { Remote = IPAddress.Parse("::ffff:192.0.2.9"), Forwarded = null };

        Assert.StartsWith("192.0.2.9 ", Line(AccessFormat.Combined, request), StringComparison.Ordinal);
        Assert.Contains("\"remote\":\"192.0.2.9\",\"forwarded\":null", Line(AccessFormat.Json, request), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Nothing_breaks_out_of_a_line_of_JSON(string text)
    {
        var line = Line(AccessFormat.Json, Everywhere(text));

        Assert.Equal(line.Length - 1, line.IndexOf('\n', StringComparison.Ordinal));
        var json = JsonElement.Parse(line);
        Assert.Equal(17, json.EnumerateObject().Count());
        // Half of a pair is no text; all else comes back as it was.
        var back = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        Assert.All(["method", "target", "host", "userAgent", "referer"], name => Assert.Equal(back, json.GetProperty(name).GetString()));
        Assert.DoesNotContain(line, c => c < ' ' && c != '\n');
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Nothing_breaks_out_of_a_combined_line(string text)
    {
        var line = Line(AccessFormat.Combined, Everywhere(text));

        Assert.Matches(CombinedPattern, line);
        Assert.DoesNotContain(line, c => c is < ' ' or > '~' && c != '\n');
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Nothing_breaks_out_of_a_W3C_line(string text)
    {
        var line = Line(AccessFormat.W3C, Everywhere(text));

        Assert.Equal(19, line.Split(' ').Length);
        Assert.Equal(line.Length - 1, line.IndexOf('\n', StringComparison.Ordinal));
        Assert.DoesNotContain(line, c => c is < ' ' or > '~' && c != '\n');
    }

    [Theory]
    [InlineData(AccessFormat.Json)]
    [InlineData(AccessFormat.Combined)]
    [InlineData(AccessFormat.W3C)]
    public void A_target_that_is_very_long_is_cut(AccessFormat format)
    {
        var line = Line(format, Request with { Target = "/" + new string('a', 1_000_000) });

        Assert.InRange(line.Length, 8192, 9000);
        Assert.Contains("aaa...", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_of_the_query_are_taken_out_of_target_and_referer()
    {
        AccessLogOptions options = new() { Format = AccessFormat.Combined, RedactQuery = "token" };

        var line = Line(new AccessFormatter(options), Request with { Target = "/a?token=secret&b=1", Referer = "http://x/?b=2&token=secret" });

        Assert.Contains("\"GET /a?token=REDACTED&b=1 HTTP/1.1\"", line, StringComparison.Ordinal);
        Assert.Contains("\"http://x/?b=2&token=REDACTED\"", line, StringComparison.Ordinal);
    }

    [GeneratedRegex("""^192\.0\.2\.7 - - \[[^\]]+\] "(-|[^" ]+ [^" ]+ HTTP/1\.1)" 200 12345 "[^"]+" "[^"]+"\n\z""")]
    private static partial Regex CombinedPattern { get; }

    private static AccessEntry Everywhere(string text) => Request with
    {
        Method = text,
        Target = text,
        Host = text,
        UserAgent = text,
        Referer = text,
        RequestId = text,
    };

    private static AccessFormatter Formatter(AccessFormat format) => new(new AccessLogOptions { Format = format });

    private static string Line(AccessFormat format, AccessEntry request) => Line(Formatter(format), request);

    private static string Line(AccessFormatter formatter, AccessEntry request)
    {
        ArrayBufferWriter<byte> output = new();
        formatter.Write(request, output);
        return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(output.WrittenSpan);
    }
}
