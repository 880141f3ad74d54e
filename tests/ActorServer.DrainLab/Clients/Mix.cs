using System.Net;

namespace ActorServer.DrainLab;

/// <summary>Clients of some kinds, together.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Says">What it is, for people.</param>
/// <param name="Start">Starts them.</param>
internal sealed record Mix(string Name, string Says, Func<Load, Size, IEnumerable<Task>> Start)
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Long = TimeSpan.FromMilliseconds(100);

    // Below the second that the server leaves a silent connection alone.
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(800);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Mix> All { get; } =
    [
        new("keep-alive", "GETs with a short think time, idle connections", KeepAlive),
        new("busy", "GETs without think time", Busy),
        new("post", "POSTs: Content-Length, chunked, Expect: 100-continue, answered unread", Post),
        new("slow", "slow answers, long streams, requests in pieces", Slow),
        new("late", "a new connection each time, silent for up to 800 ms", Late),
        new("pipeline", "four GETs in one segment", Pipeline),
        new("tls", "GETs, POSTs, pieces and idle connections over TLS", Secure),
        new("http2", ".NET's HttpClient, GETs and POSTs, prior knowledge and TLS", Two),
        new("websocket", "WebSockets over HTTP/1.1 and HTTP/2", WebSockets),
        new("everything", "some of each", (load, size) => All!.SkipLast(1).SelectMany(mix => mix.Start(load, size.Part))),
    ];

    private static IEnumerable<Task> KeepAlive(Load load, Size size)
        => Loops(size.Loops, () => new(load, Exchanges.GetAsync) { Think = Short }).Concat(Idle(size.Idle, load, secure: false));

    private static IEnumerable<Task> Busy(Load load, Size size) => Loops(size.Loops, () => new(load, Exchanges.GetAsync));

    private static IEnumerable<Task> Post(Load load, Size size)
        => OfEach(size.Loops, exchange => new(load, exchange) { Think = Short },
            Exchanges.PostLengthAsync, Exchanges.PostChunkedAsync, Exchanges.PostExpectAsync, Exchanges.PostUnreadAsync);

    private static IEnumerable<Task> Slow(Load load, Size size)
        => OfEach(size.Loops, exchange => new(load, exchange), Exchanges.SlowAsync, Exchanges.StreamAsync, Exchanges.TrickleAsync)
            .Concat(Idle(size.Idle / 4, load, secure: false));

    private static IEnumerable<Task> Late(Load load, Size size)
        => Loops(size.Loops * 2, () => new(load, Exchanges.GetAsync) { Silence = Silence, RequestsMax = 1 });

    private static IEnumerable<Task> Pipeline(Load load, Size size)
        => Loops(size.Loops, () => new(load, Exchanges.PipelineAsync) { Think = Short });

    private static IEnumerable<Task> Secure(Load load, Size size)
        => OfEach(size.Loops / 2, exchange => new(load, exchange) { IsSecure = true, Think = Long },
                Exchanges.GetAsync, Exchanges.PostLengthAsync, Exchanges.PostChunkedAsync, Exchanges.TrickleAsync)
            .Concat(Idle(size.Idle / 20, load, secure: true));

    private static IEnumerable<Task> Two(Load load, Size size)
    {
        yield return new Http2Client(load, secure: false).RunAsync(size.Loops, Short);
        yield return new Http2Client(load, secure: true).RunAsync(size.Loops, Long);
    }

    private static IEnumerable<Task> WebSockets(Load load, Size size)
        => Enumerable.Range(0, size.Loops)
            .Select(i => new WebSocketClient(load, i % 4 == 0 ? HttpVersion.Version20 : HttpVersion.Version11).RunAsync());

    private static IEnumerable<Task> Loops(int count, Func<Http1Client> make)
        => Enumerable.Range(0, count).Select(_ => make().RunAsync());

    private static IEnumerable<Task> OfEach(int count, Func<Exchange, Http1Client> make, params Exchange[] exchanges)
        => Enumerable.Range(0, Math.Max(count, exchanges.Length)).Select(i => make(exchanges[i % exchanges.Length]).RunAsync());

    private static IEnumerable<Task> Idle(int count, Load load, bool secure)
        => Enumerable.Range(0, count).Select(_ => new Http1Client(load, Exchanges.GetAsync) { IsSecure = secure }.IdleAsync());
}

/// <summary>How many clients a mix has.</summary>
/// <param name="Loops">Those that ask again and again.</param>
/// <param name="Idle">Connections that wait.</param>
internal sealed record Size(int Loops, int Idle)
{
    public static Size Small { get; } = new(8, 40);

    public static Size Large { get; } = new(64, 2000);

    /// <summary>What each kind gets when all are there.</summary>
    public Size Part => new(Math.Max(4, Loops / 6), Idle / 4);
}
