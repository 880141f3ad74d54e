using System.Collections;
using System.Text;
using ActorServer.Core;

namespace ActorServer.Kestrel;

/// <summary>A line for a logger: text for people, fields for tools. It may be kept: nothing changes it.</summary>
internal sealed class AccessLogState(in AccessEntry entry, ReadOnlySpan<byte> line) : IReadOnlyList<KeyValuePair<string, object?>>
{
    private readonly string _line = Encoding.UTF8.GetString(line.TrimEnd((byte)'\n'));

    // The target stands in the line alone, where redaction has seen it.
    private readonly KeyValuePair<string, object?>[] _fields =
    [
        new("Remote", entry.Remote), new("Method", entry.Method), new("Protocol", entry.Protocol), new("Status", entry.Status),
        new("ResponseBytes", entry.ResponseBytes), new("RequestBytes", entry.RequestBytes),
        new("ElapsedMs", entry.Elapsed.TotalMilliseconds), new("RequestId", entry.RequestId),
        new("ConnectionId", entry.ConnectionId), new("TraceId", entry.TraceId), new("Outcome", entry.Outcome),
    ];

    public int Count => _fields.Length;

    public KeyValuePair<string, object?> this[int index] => _fields[index];

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => _fields.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _fields.GetEnumerator();

    public override string ToString() => _line;
}
