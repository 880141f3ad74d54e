using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace ActorServer.DrainLab;

/// <summary>Workers that share .NET's own HTTP/2 client, as an application does: it repeats by itself what it knows to be unprocessed.</summary>
/// <param name="load">What they know.</param>
/// <param name="secure">Over TLS; otherwise by prior knowledge.</param>
internal sealed class Http2Client(Load load, bool secure) : IDisposable
{
    private const int BodyMax = 30_000;

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        SslOptions = Tls.Options(SslApplicationProtocol.Http2),
        UseProxy = false,
    })
    {
        BaseAddress = new($"{(secure ? "https" : "http")}://{(secure ? load.Site.Secure : load.Site.Two)}"),
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Runs the workers until nobody takes their connections any more.</summary>
    /// <param name="workers">How many.</param>
    /// <param name="think">How long each thinks between two requests, at most.</param>
    public async Task RunAsync(int workers, TimeSpan think)
    {
        await Task.WhenAll(Enumerable.Range(0, workers).Select(i => WorkAsync(new object(), i % 2 == 0, think)));
        Dispose();
    }

    public void Dispose() => _http.Dispose();

    private async Task WorkAsync(object worker, bool posts, TimeSpan think)
    {
        try
        {
            while (await TryAskAsync(worker, posts))
            {
                await load.ThinkAsync(think);
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over, and nothing of this worker's was on its way.
        }
    }

    private async Task<bool> TryAskAsync(object worker, bool posts)
    {
        using HttpRequestMessage request = new(posts ? HttpMethod.Post : HttpMethod.Get, posts ? "/upload" : "/hello")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = posts ? new ByteArrayContent(new byte[Random.Shared.Next(1, BodyMax)]) : null,
        };
        try
        {
            using var response = await _http.SendAsync(request, load.GivenUp);
            response.EnsureSuccessStatusCode();
            load.Tally.CountAnswer(worker);
            return true;
        }
        catch (HttpRequestException exception) when (exception.IsRefusal())
        {
            load.CountRefusal();
            return false;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            var inner = exception is HttpRequestException ? exception.InnerException?.Message ?? exception.Message : "never answered";
            load.Tally.CountLoss($"HTTP/2 {request.Method}: {inner}");
            return exception is HttpRequestException;
        }
    }
}

/// <summary>What .NET's client says when it cannot connect.</summary>
internal static class Refusal
{
    /// <summary>Nobody took the connection; any other failure to connect is a connection cut.</summary>
    public static bool IsRefusal(this Exception? exception)
        => exception is HttpRequestException { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused } };
}
