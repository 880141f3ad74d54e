using System.Text.Json;
using System.Threading.Channels;
using ActorServer.EndToEnd.Tests.Goodbyes;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ActorServer.EndToEnd.Tests.Browser;

/// <summary>Two nodes that serve the same page, and a place beside them where the page says what it sees.</summary>
internal sealed class PageSite : IAsyncDisposable
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    // Each browser starts a dozen processes: this is for its start alone.
    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(60);

    private readonly Channel<JsonElement> _said = Channel.CreateUnbounded<JsonElement>();
    private readonly List<IAsyncDisposable> _parts = [];
    private Chromium _browser = null!;
    private Uri _ear = null!;
    private bool _hasSpoken;

    /// <summary>The node that the page comes from.</summary>
    public StartedServer First { get; private set; } = null!;

    /// <summary>The other one.</summary>
    public StartedServer Second { get; private set; } = null!;

    /// <summary>Starts all of it, and shows the page.</summary>
    /// <param name="script">The page's script: <c>nodes</c> are the addresses, <c>say(what)</c> tells the test.</param>
    public static async Task<PageSite> ShowAsync(string script)
    {
        PageSite site = new();
        try
        {
            await site.StartAsync(script);
            return site;
        }
        catch
        {
            await site.DisposeAsync();
            throw;
        }
    }

    /// <summary>The next thing that the page says.</summary>
    public async Task<JsonElement> HearAsync()
    {
        try
        {
            var next = await _said.Reader.ReadAsync().AsTask().WaitAsync(_hasSpoken ? WaitMax : StartMax);
            _hasSpoken = true;
            return next;
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"The page says nothing. The browser:\n{_browser.Complaints}", exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in Enumerable.Reverse(_parts))
        {
            await part.DisposeAsync();
        }
    }

    private async Task StartAsync(string script)
    {
        _ear = await StartEarAsync();
        _parts.Add(First = await StartNodeAsync(script));
        _parts.Add(Second = await StartNodeAsync(script));
        var nodes = Uri.EscapeDataString(JsonSerializer.Serialize(new[] { First.Address, Second.Address }));
        _parts.Add(_browser = Chromium.Show(new(First.Address, $"/page?nodes={nodes}")));
    }

    // No part of a node: what is said there is neither drained nor counted.
    private async Task<Uri> StartEarAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var ear = builder.Build();
        _parts.Add(ear);
        ear.MapPost("/", async (HttpRequest request) =>
        {
            using StreamReader body = new(request.Body);
            _said.Writer.TryWrite(JsonElement.Parse(await body.ReadToEndAsync()));
        });
        await ear.StartAsync();
        return new(ear.Urls.Single());
    }

    private Task<StartedServer> StartNodeAsync(string script) => SocketApplication.StartAsync(
        SocketApplication.EchoAsync,
        map: app =>
        {
            app.MapGet("/page", () => Results.Content(Page(script), "text/html"));
            app.MapGet("/events", EventsAsync);
        });

    // Chained, so that what is said arrives in its order.
    private string Page(string script) => $$"""
        <!doctype html>
        <link rel="icon" href="data:,">
        <script>
        const nodes = JSON.parse(new URLSearchParams(location.search).get("nodes"));
        let said = Promise.resolve();
        function say(what) {
            said = said.then(() => fetch("{{_ear}}", { method: "POST", mode: "no-cors", body: JSON.stringify(what) }));
        }
        {{script}}
        </script>
        """;

    // One event, and then silence until the node goes. The page is another node's: it may read this all the same.
    private static async Task EventsAsync(HttpContext context)
    {
        var (request, response, end) = (context.Request, context.Response, context.DrainToken());
        response.ContentType = "text/event-stream";
        response.Headers.AccessControlAllowOrigin = "*";
        var last = request.Headers["Last-Event-ID"].ToString();
        await response.WriteAsync($"retry: 50\nid: 7\ndata: {(last.Length == 0 ? "none" : last)}\n\n", CancellationToken.None);
        await response.Body.FlushAsync(CancellationToken.None);
        TaskCompletionSource going = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = end.Register(going.SetResult);
        await going.Task;
    }
}
