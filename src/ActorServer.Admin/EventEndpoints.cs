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

    // How long a reader that does not read can hold up the end of the admin side.
    private static readonly TimeSpan LastWordMax = TimeSpan.FromSeconds(1);

    public static void MapEvents(this WebApplication app)
        => app.MapGet("/api/events", async (
            HttpContext context, EventLog log, IActorServer server, TimeProvider time, IHostApplicationLifetime lifetime,
            IOptions<JsonOptions> json) =>
        {
            using var gone = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
            await using var bound = lifetime.ApplicationStopping.UnsafeRegister(
                static source => ((CancellationTokenSource)source!).CancelAfter(LastWordMax), gone);
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.CacheControl = "no-store";
            try
            {
                var status = await server.StatusAsync(gone.Token);
                Reader reader = new(context.Response, log, server, status, json.Value.SerializerOptions, gone.Token);
                await reader.RunAsync(context.Request.Headers["Last-Event-ID"].ToString(), time, lifetime.ApplicationStopping);
            }
            catch (OperationCanceledException)
            {
                // The client has gone, or does not read.
            }
        });

    private sealed class Reader(
        HttpResponse response, EventLog log, IActorServer server, NodeStatus status, JsonSerializerOptions json, CancellationToken gone)
    {
        // A number says nothing about another run of the node.
        private readonly string _run = status.StartedAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        private string? _lastReport;
        private long _number;

        public async Task RunAsync(string lastEventId, TimeProvider time, CancellationToken end)
        {
            _number = Start(lastEventId);
            await response.Body.FlushAsync(gone);
            var tick = Task.Delay(ProgressInterval, time, end);
            while (!end.IsCancellationRequested)
            {
                var news = log.News;
                var isBehind = await WriteNewsAsync();
                if (tick.IsCompleted)
                {
                    await WriteProgressAsync();
                    tick = Task.Delay(ProgressInterval, time, end);
                }
                else if (!isBehind)
                {
                    await Task.WhenAny(news, tick);
                }
            }

            // The admin side ends, soon after a drain: its end may not have been told yet, and nobody else answers any more.
            if (server.WhenDrained.IsCompletedSuccessfully)
            {
                await WriteAsync("drain", _number, await server.WhenDrained);
            }
        }

        private async Task<bool> WriteNewsAsync()
        {
            var (entries, missed) = log.After(_number, BatchMax);
            if (missed > 0)
            {
                _number += missed;
                await WriteAsync("missed", _number, new { missed });
            }

            foreach (var entry in entries)
            {
                _number = entry.Number;
                if (entry.Connection is { } connection)
                {
                    await WriteAsync("connection", entry.Number, connection);
                }
                else
                {
                    await WriteAsync("drain", entry.Number, (await server.StatusAsync(gone)).Drain);
                }
            }

            await response.Body.FlushAsync(gone);
            return entries.Count == BatchMax;
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

        private async Task WriteProgressAsync()
        {
            var drain = (await server.StatusAsync(gone)).Drain;
            if (drain is { EndedAt: null })
            {
                await WriteAsync("drain", _number, drain);
            }
            else
            {
                await response.WriteAsync(":\n\n", gone);
            }

            await response.Body.FlushAsync(gone);
        }

        private async Task WriteAsync(string type, long number, object? data)
        {
            var text = JsonSerializer.Serialize(data, json);
            if (type == "drain" && text == _lastReport)
            {
                return;
            }

            await response.WriteAsync(
                string.Create(CultureInfo.InvariantCulture, $"event: {type}\nid: {_run}-{number}\ndata: {text}\n\n"), gone);
            _lastReport = type == "drain" ? text : _lastReport;
        }
    }
}
