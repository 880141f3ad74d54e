using System.Text.Json;
using ActorServer.Actors;
using ActorServer.Core;
using ActorServer.Kestrel;

namespace ActorServer.Admin;

/// <summary><c>/api/drain</c>, <c>/api/resume</c> and <c>/api/suspend</c>.</summary>
internal static class DrainEndpoints
{
    private const int ReasonLengthMax = 200;
    private const int ShownLengthMax = 80;

    private static readonly string[] Fields = ["budget", "lameDuck", "spread", "reason", "extend"];
    private static readonly Duration BudgetMax = TimeSpan.FromDays(7);
    private static readonly Duration PartMax = TimeSpan.FromHours(1);
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    public static void MapDrain(this WebApplication app)
    {
        app.MapPost("/api/drain", async (HttpRequest http, IActorServer server, CancellationToken cancelled) =>
        {
            var (request, error) = await ReadAsync(http, cancelled);
            return request is null
                ? AdminProblems.Problem(StatusCodes.Status400BadRequest, error)
                : Results.Accepted("/api/drain", await server.BeginDrainAsync(request, cancelled));
        });

        app.MapGet("/api/drain", async (IActorServer server, CancellationToken cancelled)
            => (await server.StatusAsync(cancelled)).Drain is { } drain
                ? Results.Ok(drain)
                : AdminProblems.Problem(StatusCodes.Status404NotFound, "There has been no drain."));
    }

    public static void MapSteering(this WebApplication app)
    {
        app.MapPost("/api/resume", async (IActorServer server, IAccessLog log, CancellationToken cancelled)
            => (await server.ResumeAsync(cancelled)).With(log));
        app.MapPost("/api/suspend", async (IActorServer server, IAccessLog log, CancellationToken cancelled)
            => (await server.SuspendAsync(cancelled)).With(log));
    }

    private static async Task<(DrainRequest? Request, string Error)> ReadAsync(HttpRequest http, CancellationToken cancelled)
    {
        if (http.Query.Count > 0)
        {
            return (null, $"{Shown(http.Query.First().Key)} is not read from the query: a drain's fields are a JSON object in the body.");
        }

        using var body = new MemoryStream();
        await http.Body.CopyToAsync(body, cancelled);
        if (body.Length == 0)
        {
            return (new(DrainTrigger.Api), "");
        }

        try
        {
            using var json = JsonDocument.Parse(body.GetBuffer().AsMemory(0, (int)body.Length), Strict);
            return Read(json.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The latter is for text that is no Unicode: it shows when it is read.
            return (null, $"The body is not JSON: {exception.Message}");
        }
    }

    private static (DrainRequest? Request, string Error) Read(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            return (null, $"The body is a JSON object with any of the fields {string.Join(", ", Fields)}.");
        }

        var request = new DrainRequest(DrainTrigger.Api);
        foreach (var field in body.EnumerateObject())
        {
            var value = field.Value.ValueKind == JsonValueKind.String ? field.Value.GetString()! : null;
            string? error = null;
            request = field.Name switch
            {
                _ when field.Value.ValueKind == JsonValueKind.Null && Fields.Contains(field.Name) => request,
                "budget" => request with { Budget = ReadDuration(field, value, BudgetMax, infinite: true, ref error) },
                "lameDuck" => request with { LameDuck = ReadDuration(field, value, PartMax, infinite: false, ref error) },
                "spread" => request with { Spread = ReadDuration(field, value, PartMax, infinite: true, ref error) },
                "reason" => request with { Reason = ReadReason(value, ref error) },
                "extend" => request with { Extend = ReadFlag(field, ref error) },
                _ => Unknown(request, field, ref error),
            };
            if (error is not null)
            {
                return (null, error);
            }
        }

        return (request, "");
    }

    private static Duration ReadDuration(JsonProperty field, string? text, Duration max, bool infinite, ref string? error)
    {
        if (!Duration.TryParse(text, out var duration) || (duration.IsInfinite ? !infinite : duration > max))
        {
            error = $"{field.Name} cannot be {Shown(field.Value.GetRawText())}: it is a string, "
                + $"0 to {max}{(infinite ? " or infinite" : "")}; {Duration.Forms}.";
        }

        return duration;
    }

    private static string? ReadReason(string? text, ref string? error)
    {
        if (text is null || text.Length > ReasonLengthMax || text.Any(char.IsControl))
        {
            error = $"reason is a string of at most {ReasonLengthMax} characters, without control characters.";
        }

        return text;
    }

    private static bool ReadFlag(JsonProperty field, ref string? error)
    {
        if (field.Value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            error = $"{field.Name} is true or false.";
        }

        return field.Value.ValueKind == JsonValueKind.True;
    }

    private static DrainRequest Unknown(DrainRequest request, JsonProperty field, ref string? error)
    {
        error = $"{Shown(field.Name)} is not a field of a drain: there are {string.Join(", ", Fields)}.";
        return request;
    }

    private static string Shown(string text) => text.Length <= ShownLengthMax ? text : text[..ShownLengthMax] + "…";
}
