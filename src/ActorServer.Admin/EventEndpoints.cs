using System.Globalization;
using System.Text.Json;
using ActorServer.Actors;
using ActorServer.Core;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace ActorServer.Admin;

/// <summary><c>/api/events</c>: server-sent events of transitions and of a drain's progress.</summary>
/// <remarks>Each reader reads at its own pace from the log's memory; a slow one holds nobody up, and is told what it missed.</remarks>
internal static class EventEndpoints
{
    private const int BatchMax = 256;

    // Progress while a drain runs, and a sign of life that keeps middle boxes from closing the stream.
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(1);

    public static void MapEvents(this WebApplication app)
        => app.MapGet("/api/events", async (
            HttpContext context, EventLog log, IActorServer server, TimeProvider time, IHostApplicationLifetime lifetime,
            IOptions<JsonOptions> json) =>
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.CacheControl = "no-store";
            var status = await server.StatusAsync(end.Token);
            Reader reader = new(context.Response, log, server, status, json.Value.SerializerOptions);
            try
            {
                await reader.RunAsync(context.Request.Headers["Last-Event-ID"].ToString(), time, end.Token);
            }
            catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
            {
                // The admin side ends, soon after a drain: its end may not have been told yet, and nobody else answers any more.
                await reader.WriteLastAsync(context.RequestAborted);
            }
            catch (OperationCanceledException)
            {
                // The client has gone.
            }
        });

    private sealed class Reader(HttpResponse response, EventLog log, IActorServer server, NodeStatus status, JsonSerializerOptions json)
    {
        // A number says nothing about another run of the node.
        private readonly string _run = status.StartedAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        private string? _lastReport;
        private long _number;

        public async Task RunAsync(string lastEventId, TimeProvider time, CancellationToken end)
        {
            _number = Start(lastEventId);
            await response.Body.FlushAsync(end);
            while (true)
            {
                var news = log.News;
                var (entries, missed) = log.After(_number, BatchMax);
                if (missed > 0)
                {
                    _number += missed;
                    await WriteAsync("missed", _number, new { missed }, end);
                }

                foreach (var entry in entries)
                {
                    _number = entry.Number;
                    await WriteAsync(entry, end);
                }

                if (entries.Count > 0)
                {
                    await response.Body.FlushAsync(end);
                    continue;
                }

                using var wait = CancellationTokenSource.CreateLinkedTokenSource(end);
                await Task.WhenAny(news, Task.Delay(ProgressInterval, time, wait.Token));
                await wait.CancelAsync();
                end.ThrowIfCancellationRequested();
                if (!news.IsCompleted)
                {
                    await WriteProgressAsync(end);
                }
            }
        }

        public async Task WriteLastAsync(CancellationToken gone)
        {
            if (server.WhenDrained.IsCompletedSuccessfully)
            {
                await WriteAsync("drain", _number, await server.WhenDrained, gone);
            }
        }

        // Without an id of this run, from now on; what the client has not asked for it does not get.
        private long Start(string lastEventId)
        {
            var parts = lastEventId.Split('-');
            return parts.Length == 2
                && parts[0] == _run
                && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && number <= log.Last
                ? number
                : lastEventId.Length > 0 ? 0 : log.Last;
        }

        private async Task WriteAsync(EventLog.Entry entry, CancellationToken end)
        {
            if (entry.Connection is { } connection)
            {
                await WriteAsync("connection", entry.Number, connection, end);
            }
            else
            {
                await WriteAsync("drain", entry.Number, (await server.StatusAsync(end)).Drain, end);
            }
        }

        private async Task WriteProgressAsync(CancellationToken end)
        {
            var drain = (await server.StatusAsync(end)).Drain;
            if (drain is { EndedAt: null })
            {
                await WriteAsync("drain", _number, drain, end);
            }
            else
            {
                await response.WriteAsync(":\n\n", end);
            }

            await response.Body.FlushAsync(end);
        }

        private async Task WriteAsync(string type, long number, object? data, CancellationToken end)
        {
            var text = JsonSerializer.Serialize(data, json);
            if (type == "drain" && text == _lastReport)
            {
                return;
            }

            _lastReport = type == "drain" ? text : _lastReport;
            await response.WriteAsync(
                string.Create(CultureInfo.InvariantCulture, $"event: {type}\nid: {_run}-{number}\ndata: {text}\n\n"), end);
        }
    }
}
