using System.Globalization;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ActorServer.DrainLab;

/// <summary>A bare Kestrel with the endpoints that the clients ask: what ActorServer is compared with.</summary>
internal static class BareServer
{
    public static async Task RunAsync(string[] arguments)
    {
        var app = WebApplication.CreateBuilder(new WebApplicationOptions { Args = arguments, ContentRootPath = AppContext.BaseDirectory }).Build();
        app.UseWebSockets();
        app.MapGet("/hello", () => Results.Text("hello"));
        app.MapGet("/slow", async (int ms, CancellationToken gone) =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(ms), TimeProvider.System, gone);
            return Results.Text(string.Create(CultureInfo.InvariantCulture, $"slept {ms} ms\n"));
        });
        app.MapGet("/stream", async (HttpResponse response, int chunks, int delayMs, CancellationToken gone) =>
        {
            for (var i = 1; i <= chunks; i++)
            {
                await response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"chunk {i} of {chunks}\n"), gone);
                await response.Body.FlushAsync(gone);
                await Task.Delay(TimeSpan.FromMilliseconds(delayMs), TimeProvider.System, gone);
            }
        });
        app.MapPost("/upload", async (HttpRequest request, CancellationToken gone) =>
        {
            await request.Body.CopyToAsync(Stream.Null, gone);
            return "done";
        });
        app.Map("/ws", EchoAsync);
        await app.RunAsync();
    }

    private static async Task EchoAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[256];
        while (await socket.ReceiveAsync(buffer, context.RequestAborted) is { MessageType: not WebSocketMessageType.Close } received)
        {
            await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, context.RequestAborted);
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, statusDescription: null, context.RequestAborted);
    }
}
