namespace ActorServer.TestKit;

/// <summary>A response as it was on the wire.</summary>
/// <param name="Status">The status.</param>
/// <param name="Headers">The headers, by name.</param>
/// <param name="Body">The body as Latin-1.</param>
public sealed record RawResponse(int Status, ILookup<string, string> Headers, string Body)
{
    /// <summary>It announces the connection's end.</summary>
    public bool AnnouncesClose => Headers["Connection"].Any(v => v.Contains("close", StringComparison.OrdinalIgnoreCase));
}
