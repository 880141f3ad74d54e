using ActorServer.TestKit;

namespace ActorServer.EndToEnd.Tests.Races;

/// <summary>What became of the streams of one connection that the server ended, as its client sees it.</summary>
internal enum Fate
{
    /// <summary>Each stream was answered, or lies beyond GOAWAY's last: it was not processed, and may be sent again.</summary>
    Kept,

    /// <summary>A write failed, or the reading, before the client had come to the end.</summary>
    Reset,

    /// <summary>A stream that GOAWAY does not exclude was not answered.</summary>
    Lost,
}

/// <summary>Clients of HTTP/2 that go on sending while the server ends their connection, and read only afterwards.</summary>
internal static class LateFrames
{
    // Enough to overflow any buffer that nobody reads.
    private const int BodyFrames = 100;
    private static readonly string Body = new('x', 16000);

    /// <summary>Opens one more stream, with a body that is larger than what a socket takes at once, and reads to the end.</summary>
    public static async Task<Fate> SendBodyAsync(Http2Client client, int stream)
    {
        try
        {
            await client.OpenAsync(stream, "/hello", ends: false);
            for (var i = 1; i <= BodyFrames; i++)
            {
                await client.SendDataAsync(stream, Body, ends: i == BodyFrames);
            }
        }
        catch (IOException)
        {
            return Fate.Reset;
        }

        return await ReadAsync(client, stream);
    }

    /// <summary>Opens streams, one after the other.</summary>
    /// <param name="client">The client.</param>
    /// <param name="first">The first of them.</param>
    /// <param name="count">How many.</param>
    public static async Task<Fate> OpenAsync(Http2Client client, int first, int count)
    {
        try
        {
            for (var i = 0; i < count; i++)
            {
                await client.OpenAsync(first + (2 * i), "/hello");
            }
        }
        catch (IOException)
        {
            return Fate.Reset;
        }

        return await ReadAsync(client, first + (2 * (count - 1)), first);
    }

    /// <summary>Counts, for a message that helps.</summary>
    public static string Count(IEnumerable<Fate> fates)
        => string.Join(", ", fates.CountBy(f => f).OrderBy(f => f.Key).Select(f => $"{f.Value} {f.Key}"));

    private static async Task<Fate> ReadAsync(Http2Client client, int last, int first = 1)
    {
        try
        {
            var frames = await client.ReadToEndAsync();
            var processed = frames.Last(f => f.Type == Http2FrameType.GoAway).GoAway.LastStream;
            var answered = frames
                .Where(f => f.EndsStream && f.Type != Http2FrameType.ResetStream).Select(f => f.StreamId).ToHashSet();
            for (var stream = first; stream <= last; stream += 2)
            {
                if (stream <= processed && !answered.Contains(stream))
                {
                    return stream == 1 ? Fate.Kept : Fate.Lost;
                }
            }

            return Fate.Kept;
        }
        catch (IOException)
        {
            return Fate.Reset;
        }
    }
}
