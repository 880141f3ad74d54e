using System.Globalization;
using System.IO.Pipelines;
using System.Net.WebSockets;
using ActorServer.EndToEnd.Tests.Admin;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.DependencyInjection;

namespace ActorServer.EndToEnd.Tests.AccessLog;

/// <summary>What the log says of requests is what their clients saw, however they were answered.</summary>
public sealed class FortyRequestsSpecs
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    // Method, target, bytes of the request's body that the application reads (and how many it is sent), status.
    private static readonly (string Method, string Target, int Sent, int Read, int Status)[] Requests =
    [
        ("GET", "/write?n=0", 0, 0, 200),
        ("GET", "/write?n=1", 0, 0, 200),
        ("GET", "/write?n=70000", 0, 0, 200),
        ("GET", "/length?n=5", 0, 0, 200),
        ("GET", "/length?n=300000", 0, 0, 200),
        ("HEAD", "/length?n=300", 0, 0, 200),
        ("GET", "/pipe?n=12345", 0, 0, 200),
        ("GET", "/pieces?n=20000", 0, 0, 200),
        ("GET", "/file?n=100000", 0, 0, 200),
        ("GET", "/json?n=1000", 0, 0, 200),
        ("GET", "/gzip?n=50000", 0, 0, 200),
        ("GET", "/status?code=204", 0, 0, 204),
        ("GET", "/status?code=304", 0, 0, 304),
        ("GET", "/status?code=404", 0, 0, 404),
        ("GET", "/nowhere?%20a=%22b%22", 0, 0, 404),
        ("POST", "/upload", 100_000, 100_000, 200),
        ("POST", "/upload-pipe", 50_000, 50_000, 200),
        ("PUT", "/upload-none", 10, 0, 200),
        ("GET", "/throw", 0, 0, 500),
    ];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Conformance", "114")]
    [Trait("Conformance", "116")]
    public async Task Each_has_the_line_that_its_client_would_have_written(bool readsFields)
    {
        var file = Path.GetTempFileName();
        await using var site = await AccessSite.StartAsync(app => Map(app, file), Compress, readsFields);
        Dictionary<string, Expected> expected = [];
        foreach (var http2 in (bool[])[false, true])
        {
            using var client = site.Client(http2);
            foreach (var request in Requests)
            {
                var id = $"request-{expected.Count}";
                expected.Add(id, await AskAsync(client, http2, request, id));
            }

            var socketId = $"request-{expected.Count}";
            expected.Add(socketId, await EchoAsync(site, client, http2, socketId));
        }

        var lines = await site.Lines.ReadAsync(expected.Count);

        Assert.Equal(40, expected.Count);
        Assert.Equal(
            expected.Select(e => (e.Key, e.Value)),
            lines.Select(l => (l.Key, new Expected(
                l.Value.Text("protocol"), l.Value.Text("method"), l.Value.Text("target"), l.Value.Number("status"),
                l.Value.Number("responseBytes"), l.Value.Number("requestBytes"), l.Value.Text("outcome"))))
                .OrderBy(l => int.Parse(l.Key["request-".Length..], CultureInfo.InvariantCulture)));
        Assert.All(lines.Values, line =>
        {
            Assert.Equal("127.0.0.1", line.Text("remote"));
            Assert.Equal("a client", line.Text("userAgent"));
            Assert.Contains(line.Text("host"), (string?[])[site.Http1.Authority, site.Http2.Authority]);
            Assert.InRange(line.GetProperty("elapsedMs").GetDouble(), 0, WaitMax.TotalMilliseconds);
            Assert.Contains(line.Text("connectionId")!, site.Server.Transitions.Connections.Select(c => c.Id));
        });
        await site.EndAsync();
        File.Delete(file);
    }

    private static async Task<Expected> AskAsync(
        HttpClient client, bool http2, (string Method, string Target, int Sent, int Read, int Status) request, string id)
    {
        using HttpRequestMessage message = new(new HttpMethod(request.Method), new Uri(request.Target, UriKind.Relative))
        {
            Version = client.DefaultRequestVersion,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = request.Sent > 0 ? new ByteArrayContent(new byte[request.Sent]) : null,
            Headers = { { "X-Request-Id", id }, { "User-Agent", "a client" }, { "Accept-Encoding", "gzip" } },
        };
        // Of unknown length, in some: over HTTP/1.1 it is sent in chunks.
        message.Headers.TransferEncodingChunked = request.Target == "/upload" && !http2 ? true : null;
        using var response = await client.SendAsync(message);
        Assert.Equal(request.Status, (int)response.StatusCode);
        Assert.Equal(id, Assert.Single(response.Headers.GetValues("X-Request-Id")));
        var bytes = (await response.Content.ReadAsByteArrayAsync()).Length;
        return new(
            http2 ? "HTTP/2" : "HTTP/1.1", request.Method, request.Target, request.Status, bytes, request.Read,
            request.Status == 500 ? "Failed" : "Completed");
    }

    private static async Task<Expected> EchoAsync(AccessSite site, HttpClient client, bool http2, string id)
    {
        using ClientWebSocket socket = new();
        socket.Options.SetRequestHeader("X-Request-Id", id);
        socket.Options.SetRequestHeader("User-Agent", "a client");
        socket.Options.HttpVersion = client.DefaultRequestVersion;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        Uri address = new UriBuilder(http2 ? site.Http2 : site.Http1) { Scheme = "ws", Path = "/ws" }.Uri;
        await socket.ConnectAsync(address, client, CancellationToken.None).WaitAsync(WaitMax);
        await socket.SendAsync(new byte[1000], WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
        await socket.ReceiveAsync(new byte[2000], CancellationToken.None).WaitAsync(WaitMax);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", CancellationToken.None).WaitAsync(WaitMax);
        // A frame of 1000 bytes has a head of 4, and a mask of 4 from a client; the closing one has 2, a code and "bye".
        return new(
            http2 ? "HTTP/2" : "HTTP/1.1", http2 ? "CONNECT" : "GET", "/ws", http2 ? 200 : 101, 1004 + 7, 1008 + 11, "Completed");
    }

    private static void Compress(WebApplicationBuilder builder)
        => builder.Services.AddResponseCompression(options => options.MimeTypes = ["text/compressible"]);

    private static void Map(WebApplication app, string file)
    {
        app.UseResponseCompression();
        app.UseWebSockets();
        app.MapGet("/write", (HttpResponse response, int n) => response.WriteAsync(new string('w', n)));
        app.MapMethods("/length", ["GET", "HEAD"], async (HttpResponse response, int n) =>
        {
            response.ContentLength = n;
            await response.Body.WriteAsync(new byte[n]);
        });
        app.MapGet("/pipe", async (HttpResponse response, int n) =>
        {
            response.BodyWriter.GetSpan(n)[..n].Fill((byte)'p');
            response.BodyWriter.Advance(n);
            await response.BodyWriter.FlushAsync();
        });
        app.MapGet("/pieces", async (HttpResponse response, int n) =>
        {
            for (var i = 0; i < n; i += 1000)
            {
                await response.Body.WriteAsync(new byte[1000].AsMemory());
                await response.Body.FlushAsync();
            }
        });
        app.MapGet("/file", async (HttpResponse response, int n) =>
        {
            await File.WriteAllBytesAsync(file, new byte[n]);
            await response.SendFileAsync(file);
        });
        app.MapGet("/json", (HttpResponse response, int n) => response.WriteAsJsonAsync(Enumerable.Range(0, n)));
        app.MapGet("/gzip", (HttpResponse response, int n) =>
        {
            response.ContentType = "text/compressible";
            return response.WriteAsync(new string('g', n));
        });
        app.MapGet("/status", (HttpResponse response, int code) => { response.StatusCode = code; });
        app.MapPost("/upload", (HttpRequest request) => request.Body.CopyToAsync(Stream.Null));
        app.MapPost("/upload-pipe", (HttpRequest request) => request.BodyReader.CopyToAsync(PipeWriter.Create(Stream.Null)));
        app.MapPut("/upload-none", () => "not read");
        app.MapGet("/throw", string () => throw new InvalidOperationException("thrown"));
        app.Map("/ws", async (HttpContext context) =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[2000];
            var received = await socket.ReceiveAsync(buffer, CancellationToken.None);
            await socket.SendAsync(buffer.AsMemory(0, received.Count), WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
            await socket.ReceiveAsync(buffer, CancellationToken.None);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", CancellationToken.None);
        });
    }

    private sealed record Expected(
        string? Protocol, string? Method, string? Target, long Status, long ResponseBytes, long RequestBytes, string? Outcome);
}
