namespace ActorServer.EndToEnd.Tests.Races;

/// <summary>What became of the streams of one connection that the server ended, as its client sees it.</summary>
internal enum Fate
{
    /// <summary>Each stream was answered, or was not processed and says so: its client may send it again.</summary>
    Kept,

    /// <summary>A write failed, or the reading, before the client had come to the end.</summary>
    Reset,

    /// <summary>A stream was neither answered nor said to be unprocessed.</summary>
    Lost,
}

/// <summary>Clients of HTTP/2 that go on sending while the server ends their connection, and read only afterwards.</summary>
internal static class LateFrames
{
    private const int RefusedStream = 7;

    // More than a socket takes that nobody reads from.
    private const int BodyFrames = 100;
    private static readonly string Body = new('x', 16000);

    /// <summary>Opens one more stream with a large body, and reads to the end.</summary>
    public static Task<Fate> SendBodyAsync(Http2Client client, int stream)
        => TryAsync(client, [stream], () => WriteBodyAsync(client, stream));

    /// <summary>Opens one more stream with a large body.</summary>
    public static async Task WriteBodyAsync(Http2Client client, int stream)
    {
        await client.OpenAsync(stream, "/hello", ends: false);
        for (var i = 1; i <= BodyFrames; i++)
        {
            await client.SendDataAsync(stream, Body, ends: i == BodyFrames);
        }
    }

    /// <summary>Opens streams one after the other, and reads to the end.</summary>
    public static Task<Fate> OpenAsync(Http2Client client, int first, int count)
    {
        int[] streams = [.. Enumerable.Range(0, count).Select(i => first + (2 * i))];
        return TryAsync(client, streams, async () =>
        {
            foreach (var stream in streams)
            {
                await client.OpenAsync(stream, "/hello");
            }
        });
    }

    private static async Task<Fate> TryAsync(Http2Client client, int[] streams, Func<Task> send)
    {
        try
        {
            await send();
            var frames = await client.ReadToEndAsync();
            var last = frames.Last(f => f.Type == Http2FrameType.GoAway).GoAway.LastStream;
            return streams.All(s => s > last || frames.Any(f => f.StreamId == s && f.EndsStream && (!f.IsReset || f.ResetError == RefusedStream)))
                ? Fate.Kept
                : Fate.Lost;
        }
        catch (IOException)
        {
            return Fate.Reset;
        }
    }
}
