using System.Globalization;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;

namespace ActorServer.Host;

/// <summary>The demonstration application: an endpoint for each way in which a request can be answered.</summary>
internal static class Demonstration
{
    private const int BytesMax = 1 << 30;
    private const int ChunksMax = 1_000_000;
    private const int DelayMax = 3_600_000;

    // What /limited has, whatever it is asked for.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    public static void AddDemonstration(this WebApplicationBuilder builder)
    {
        builder.Services.AddRequestTimeouts();
        // The developer's page, in Development, writes its details as ProblemDetails too, and names the request.
        builder.Services.AddProblemDetails(problems => problems.CustomizeProblemDetails = static problem
            => problem.ProblemDetails.Extensions["requestId"] = problem.HttpContext.TraceIdentifier);
    }

    public static void MapDemonstration(this WebApplication app)
    {
        app.UseRequestTimeouts();
        app.UseWebSockets();
        app.MapGet("/", () => Results.Text(
            "ActorServer. Try /hello /plaintext /json /headers /slow?ms=500 /limited?ms=500 /stream?chunks=5&delayMs=100 /sse /ws "
            + "/file?bytes=1000 /panic /panic-late, or POST to /upload\n"));
        app.MapGet("/hello", () => Results.Text("hello"));
        app.MapGet("/plaintext", () => "Hello, World!");
        app.MapGet("/json", () => new { message = "Hello, World!" });
        app.MapGet("/headers", (HttpRequest request) => request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString()));
        app.MapGet("/slow", SlowAsync);
        app.MapGet("/limited", SlowAsync).WithRequestTimeout(Limit);
        app.MapGet("/stream", StreamAsync);
        app.MapGet("/sse", EventsAsync);
        app.Map("/ws", EchoAsync);
        app.MapPost("/upload", UploadAsync);
        app.MapGet("/file", FileAsync);
        app.MapGet("/panic", string () => throw new InvalidOperationException("This endpoint always throws."));
        app.MapGet("/panic-late", PanicLateAsync);
        app.MapHealthChecks("/readyz", new HealthCheckOptions { Predicate = static check => check.Tags.Contains("ready") });
    }

    private static async Task<IResult> SlowAsync(TimeProvider time, CancellationToken gone, int ms = 1000)
    {
        if (ms is < 0 or > DelayMax)
        {
            return Results.Problem("ms is 0 to 3600000.", statusCode: StatusCodes.Status400BadRequest);
        }

        await Task.Delay(TimeSpan.FromMilliseconds(ms), time, gone);
        return Results.Text(string.Create(CultureInfo.InvariantCulture, $"slept {ms} ms\n"));
    }

    private static async Task<IResult> StreamAsync(
        HttpResponse response, TimeProvider time, CancellationToken gone, int chunks = 10, int delayMs = 100)
    {
        if (chunks is < 0 or > ChunksMax || delayMs is < 0 or > DelayMax)
        {
            return Results.Problem(
                "chunks is 0 to 1000000, delayMs is 0 to 3600000.", statusCode: StatusCodes.Status400BadRequest);
        }

        for (var i = 1; i <= chunks; i++)
        {
            await response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"chunk {i} of {chunks}\n"), gone);
            await response.Body.FlushAsync(gone);
            if (i < chunks)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(delayMs), time, gone);
            }
        }

        return Results.Empty;
    }

    private static async Task EventsAsync(HttpContext context, TimeProvider time)
    {
        // Fires when the client goes, and when the node drains: the stream ends well instead of being cut at the deadline.
        var end = context.DrainToken();
        var (response, gone) = (context.Response, context.RequestAborted);
        response.ContentType = "text/event-stream";
        try
        {
            for (var i = 1; !end.IsCancellationRequested; i++)
            {
                await response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"id: {i}\ndata: {time.GetUtcNow():O}\n\n"), gone);
                // Purposefully not by the drain's token: Kestrel cuts the connection of a write that is cancelled.
                await response.Body.FlushAsync(gone);
                await Task.Delay(TimeSpan.FromSeconds(1), time, end);
            }
        }
        catch (OperationCanceledException)
        {
            // The stream ends here, cleanly.
        }
    }

    private static async Task EchoAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        try
        {
            await EchoAsync(socket, context.RequestAborted);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            // The client has gone without a goodbye, or has been cut: both are seen elsewhere.
        }
    }

    private static async Task EchoAsync(WebSocket socket, CancellationToken gone)
    {
        var buffer = new byte[4096];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer, gone);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseAsync(
                    socket.CloseStatus ?? WebSocketCloseStatus.NormalClosure, socket.CloseStatusDescription, gone);
                return;
            }

            await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, gone);
        }
    }

    private static async Task<string> UploadAsync(HttpRequest request, CancellationToken gone)
    {
        var buffer = new byte[64 * 1024];
        long total = 0;
        int read;
        while ((read = await request.Body.ReadAsync(buffer, gone)) > 0)
        {
            total += read;
        }

        return total.ToString(CultureInfo.InvariantCulture);
    }

    private static async Task<IResult> FileAsync(HttpContext context, int bytes = 1024)
    {
        if (bytes is < 0 or > BytesMax)
        {
            return Results.Problem("bytes is 0 to 1073741824.", statusCode: StatusCodes.Status400BadRequest);
        }

        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Read,
            Options = FileOptions.DeleteOnClose,
        });
        context.Response.RegisterForDisposeAsync(file);
        file.SetLength(bytes);
        context.Response.ContentLength = bytes;
        context.Response.ContentType = "application/octet-stream";
        await context.Response.SendFileAsync(path, context.RequestAborted);
        return Results.Empty;
    }

    private static async Task PanicLateAsync(HttpResponse response)
    {
        await response.WriteAsync("so far, so good\n");
        await response.Body.FlushAsync();
        throw new InvalidOperationException("This endpoint throws after its response began.");
    }
}
