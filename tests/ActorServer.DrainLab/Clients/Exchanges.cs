using System.Globalization;
using System.Text;

namespace ActorServer.DrainLab;

/// <summary>Sends a request and reads its answer.</summary>
/// <exception cref="IOException">There was no whole answer.</exception>
internal delegate Task<Answer> Exchange(Http1Wire wire, Load load);

/// <summary>The ways in which an HTTP/1.1 client may ask.</summary>
internal static class Exchanges
{
    private const int BodyMax = 30_000;
    private const int Pipelined = 4;
    private const string Host = "Host: localhost\r\n";

    private static readonly TimeSpan TricklePause = TimeSpan.FromMilliseconds(100);

    public static Task<Answer> GetAsync(Http1Wire wire, Load load) => AskAsync(wire, load, "/hello");

    /// <summary>A body whose length is told.</summary>
    public static async Task<Answer> PostLengthAsync(Http1Wire wire, Load load)
    {
        var body = Body();
        await wire.SendAsync(Head("/upload", $"Content-Length: {body.Length}\r\n"), load.GivenUp);
        await wire.SendAsync(body, load.GivenUp);
        return await wire.ReadAnswerAsync(load.GivenUp);
    }

    /// <summary>A body in chunks.</summary>
    public static async Task<Answer> PostChunkedAsync(Http1Wire wire, Load load)
    {
        var body = Body();
        await wire.SendAsync(Head("/upload", "Transfer-Encoding: chunked\r\n"), load.GivenUp);
        for (var at = 0; at < body.Length;)
        {
            var size = Math.Min(body.Length - at, Random.Shared.Next(1, BodyMax / 3));
            await wire.SendAsync(size.ToString("x", CultureInfo.InvariantCulture) + "\r\n", load.GivenUp);
            await wire.SendAsync(body.AsMemory(at, size), load.GivenUp);
            await wire.SendAsync("\r\n", load.GivenUp);
            at += size;
        }

        await wire.SendAsync("0\r\n\r\n", load.GivenUp);
        return await wire.ReadAnswerAsync(load.GivenUp);
    }

    /// <summary>A body that is sent when the server wants it.</summary>
    public static async Task<Answer> PostExpectAsync(Http1Wire wire, Load load)
    {
        var body = Body();
        await wire.SendAsync(Head("/upload", $"Expect: 100-continue\r\nContent-Length: {body.Length}\r\n"), load.GivenUp);
        var answer = await wire.ReadAnswerAsync(load.GivenUp);
        if (answer.Status != 100)
        {
            return answer;
        }

        await wire.SendAsync(body, load.GivenUp);
        return await wire.ReadAnswerAsync(load.GivenUp);
    }

    /// <summary>A body that nobody reads: the answer, 405, does not wait for it.</summary>
    public static async Task<Answer> PostUnreadAsync(Http1Wire wire, Load load)
    {
        var body = Body();
        await wire.SendAsync(Encoding.Latin1.GetBytes(Head("/hello", $"Content-Length: {body.Length}\r\n")).Concat(body).ToArray(), load.GivenUp);
        return await wire.ReadAnswerAsync(load.GivenUp);
    }

    /// <summary>An answer that takes its time before it begins.</summary>
    public static Task<Answer> SlowAsync(Http1Wire wire, Load load)
        => AskAsync(wire, load, string.Create(CultureInfo.InvariantCulture, $"/slow?ms={Random.Shared.Next(300, 1600)}"));

    /// <summary>An answer that takes its time after it began: its connection cannot announce its end any more.</summary>
    public static Task<Answer> StreamAsync(Http1Wire wire, Load load)
        => AskAsync(wire, load, string.Create(CultureInfo.InvariantCulture, $"/stream?chunks={Random.Shared.Next(3, 16)}&delayMs=100"));

    /// <summary>A request that comes in pieces.</summary>
    public static async Task<Answer> TrickleAsync(Http1Wire wire, Load load)
    {
        var head = Head("/hello", "X-Padding: 0123456789\r\n");
        var third = head.Length / 3;
        await wire.SendAsync(head[..third], load.GivenUp);
        await load.ThinkAsync(TricklePause);
        await wire.SendAsync(head[third..(2 * third)], load.GivenUp);
        await load.ThinkAsync(TricklePause);
        await wire.SendAsync(head[(2 * third)..], load.GivenUp);
        return await wire.ReadAnswerAsync(load.GivenUp);
    }

    /// <summary>Several requests at once. What stands behind an announced close was not lost: the client knows to send it again.</summary>
    public static async Task<Answer> PipelineAsync(Http1Wire wire, Load load)
    {
        await wire.SendAsync(string.Concat(Enumerable.Repeat(Head("/hello"), Pipelined)), load.GivenUp);
        for (var left = Pipelined; ; left--)
        {
            Answer answer;
            try
            {
                answer = await wire.ReadAnswerAsync(load.GivenUp);
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException)
            {
                // The caller counts one of them.
                for (var i = 1; i < left; i++)
                {
                    load.Tally.CountLoss("pipelined");
                }

                throw;
            }

            if (answer.AnnouncesClose || left == 1)
            {
                return answer;
            }

            load.Tally.CountAnswer(wire);
        }
    }

    private static async Task<Answer> AskAsync(Http1Wire wire, Load load, string target)
    {
        await wire.SendAsync(Head(target), load.GivenUp);
        return await wire.ReadAnswerAsync(load.GivenUp);
    }

    private static string Head(string target, string? headers = null)
        => $"{(headers is null || headers[0] == 'X' ? "GET" : "POST")} {target} HTTP/1.1\r\n{Host}{headers}\r\n";

    private static byte[] Body()
    {
        var body = new byte[Random.Shared.Next(1, BodyMax)];
        Array.Fill(body, (byte)'x');
        return body;
    }
}
