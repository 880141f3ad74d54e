using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using ActorServer.Core;
using ActorServer.EndToEnd.Tests.Admin;
using ActorServer.Kestrel;

namespace ActorServer.EndToEnd.Tests.AccessLog;

/// <summary>A sink that a test reads from, line by line as they are written.</summary>
internal sealed class AccessLines : IAccessSink
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    private readonly AccessFormatter _formatter = new(new AccessLogOptions());
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

    public long Written { get; private set; }

    public void Open()
    {
    }

    public void Write(ReadOnlySpan<LoggedRequest> requests)
    {
        foreach (var request in requests)
        {
            ArrayBufferWriter<byte> line = new();
            _formatter.Write(request.Entry, line);
            Written++;
            Assert.True(_lines.Writer.TryWrite(Encoding.UTF8.GetString(line.WrittenSpan)));
        }
    }

    /// <summary>The next line.</summary>
    public async Task<JsonElement> ReadAsync() => JsonElement.Parse(await _lines.Reader.ReadAsync().AsTask().WaitAsync(WaitMax));

    /// <summary>The next lines, by the ids of their requests.</summary>
    public async Task<Dictionary<string, JsonElement>> ReadAsync(int count)
    {
        Dictionary<string, JsonElement> lines = [];
        while (lines.Count < count)
        {
            var line = await ReadAsync();
            lines.Add(line.Text("requestId")!, line);
        }

        return lines;
    }

    /// <summary>The next line, as a test speaks of it.</summary>
    public async Task<(string? Target, long Status, long Bytes, string? Outcome)> NextAsync() => Shown(await ReadAsync());

    /// <summary>There is no line that nobody has read.</summary>
    public void AssertNoMore() => Assert.False(_lines.Reader.TryRead(out var line), line);

    public void Dispose()
    {
    }

    public static (string? Target, long Status, long Bytes, string? Outcome) Shown(JsonElement line)
        => (line.GetProperty("target").GetString(), line.Number("status"), line.Number("responseBytes"), line.Text("outcome"));
}
