using System.Text.Json;
using ActorServer.Actors;
using ActorServer.Core;

namespace ActorServer.Admin;

/// <summary><c>/api/limits</c>.</summary>
internal static class LimitEndpoints
{
    private const int ShownLengthMax = 80;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private static readonly Dictionary<string, Setting<ActorServerOptions>> Fields = LimitTable.Settings.ToDictionary(
        static s => JsonNamingPolicy.CamelCase.ConvertName(s.Key[(LimitTable.Section.Length + 1)..]));

    private static readonly Lock Changes = new();

    public static void MapLimits(this WebApplication app)
    {
        app.MapGet("/api/limits", (IActorServer server) => Answer(server.Limits));
        app.MapPatch("/api/limits", (HttpRequest http, IActorServer server, CancellationToken cancelled)
            => ChangeAsync(http, server, () => server.Limits, cancelled));
        app.MapPut("/api/limits", (HttpRequest http, IActorServer server, CancellationToken cancelled)
            => ChangeAsync(http, server, static () => LimitSettings.None, cancelled));
    }

    private static async Task<IResult> ChangeAsync(
        HttpRequest http, IActorServer server, Func<LimitSettings> from, CancellationToken cancelled)
    {
        JsonDocument body;
        try
        {
            body = await JsonDocument.ParseAsync(http.Body, Strict, cancelled);
        }
        catch (JsonException exception)
        {
            return AdminProblems.Problem(StatusCodes.Status400BadRequest, $"The body is not JSON: {exception.Message}");
        }

        using (body)
        {
            // One change at a time, and only once all of it is here: two that meet lose nothing of each other.
            lock (Changes)
            {
                ActorServerOptions options = new();
                options.Limits.Set(from());
                if (Read(body, options) is { } problem)
                {
                    return AdminProblems.Problem(StatusCodes.Status400BadRequest, problem);
                }

                server.ChangeLimits(options.Limits.Resolve(), "the admin API");
                return Answer(server.Limits);
            }
        }
    }

    private static string? Read(JsonDocument body, ActorServerOptions options)
    {
        try
        {
            if (body.RootElement.ValueKind != JsonValueKind.Object)
            {
                return $"The body is a JSON object with any of the fields {string.Join(", ", Fields.Keys)}.";
            }

            foreach (var field in body.RootElement.EnumerateObject())
            {
                if (!Fields.TryGetValue(field.Name, out var setting))
                {
                    return $"{Shown(field.Name)} is not a limit: there are {string.Join(", ", Fields.Keys)}.";
                }

                if (ActorServerSettings.Table.Read(options, [new(setting.Key, Text(field.Value, setting))]) is [var problem, ..])
                {
                    return problem;
                }
            }

            return null;
        }
        catch (InvalidOperationException exception)
        {
            // Text that is no Unicode: it shows when it is read.
            return $"The body is not JSON: {exception.Message}";
        }
    }

    // As it would be written in the configuration; null is the default.
    private static string Text(JsonElement value, Setting<ActorServerOptions> setting) => value.ValueKind switch
    {
        JsonValueKind.Null => setting.Default,
        JsonValueKind.String => Shown(value.GetString()!),
        _ => Shown(value.GetRawText()),
    };

    private static IResult Answer(LimitSettings limits) => Results.Ok(new
    {
        limits.MaxConnections,
        limits.WhenFull,
        limits.MaxConnectionsPerPeer,
        MaxConnectionAge = limits.MaxConnectionAge.ToString(),
        MaxConnectionAgeGrace = limits.MaxConnectionAgeGrace.ToString(),
        limits.MaxRequestsPerConnection,
        KeepAliveTime = limits.KeepAliveTime.ToString(),
        KeepAliveInterval = limits.KeepAliveInterval.ToString(),
        limits.KeepAliveRetryCount,
        limits.AdvertiseKeepAlive,
    });

    private static string Shown(string text) => text.Length <= ShownLengthMax ? text : text[..ShownLengthMax] + "…";
}
