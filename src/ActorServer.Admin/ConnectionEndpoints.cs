using System.Globalization;
using ActorServer.Actors;
using ActorServer.Core;
using ActorServer.Kestrel;

namespace ActorServer.Admin;

/// <summary><c>/api/status</c> and <c>/api/connections</c>.</summary>
internal static class ConnectionEndpoints
{
    private static readonly string[] Parameters = ["state", "peer", "olderThan", "limit", "cursor"];

    public static void MapConnections(this WebApplication app)
    {
        app.MapGet("/api/status", async (IActorServer server, IAccessLog log, CancellationToken cancelled)
            => (await server.StatusAsync(cancelled)).With(log));

        app.MapGet("/api/connections", async (HttpRequest request, IActorServer server, CancellationToken cancelled) =>
        {
            if (!TryRead(request.Query, out var query, out var error))
            {
                return AdminProblems.Problem(StatusCodes.Status400BadRequest, error);
            }

            var page = await server.ConnectionsAsync(query, cancelled);
            return Results.Ok(new { page.Items, Next = page.Next?.ToString(CultureInfo.InvariantCulture) });
        });

        app.MapGet("/api/connections/{id}", async (string id, IActorServer server, CancellationToken cancelled)
            => await server.Connection(id).GetAsync(cancelled) is { } connection ? Results.Ok(connection) : Unknown(id));

        app.MapPost("/api/connections/{id}/close", async (string id, IActorServer server, CancellationToken cancelled)
            => Answer(id, await server.Connection(id).CloseAsync(cancelled)));

        app.MapPost("/api/connections/{id}/abort", async (string id, IActorServer server, CancellationToken cancelled)
            => Answer(id, await server.Connection(id).AbortAsync(cancelled)));
    }

    /// <summary>A node's status, with what the node itself does not know.</summary>
    public static NodeStatus With(this NodeStatus status, IAccessLog log) => status with { AccessLog = log.Counts };

    private static IResult Answer(string id, CommandResult result) => result switch
    {
        CommandResult.Accepted => Results.Accepted($"/api/connections/{Uri.EscapeDataString(id)}"),
        CommandResult.Gone => AdminProblems.Problem(StatusCodes.Status409Conflict, $"Connection {id} has ended already."),
        CommandResult.Unknown => Unknown(id),
    };

    private static IResult Unknown(string id) => AdminProblems.Problem(
        StatusCodes.Status404NotFound, $"There is no connection {id}, or it ended too long ago to be remembered.");

    private static bool TryRead(IQueryCollection values, out ConnectionQuery query, out string error)
    {
        query = new();
        error = "";
        foreach (var (key, texts) in values)
        {
            var text = texts.ToString();
            var (read, allowed) = Read(query, key, text);
            if (read is null || texts.Count > 1)
            {
                error = texts.Count > 1 ? $"{key} can be given once."
                    : allowed is null ? $"{key} is not a parameter: there are {string.Join(", ", Parameters)}."
                    : $"{key} cannot be \"{text}\": {allowed}.";
                return false;
            }

            query = read;
        }

        return true;
    }

    private static (ConnectionQuery? Query, string? Allowed) Read(ConnectionQuery query, string key, string text)
        => key.ToUpperInvariant() switch
        {
            "STATE" => (TryEnum(text, out var state) ? query with { State = state } : null,
                $"it is one of {string.Join(", ", Enum.GetNames<ConnectionState>())}"),
            "PEER" => (text.Length > 0 ? query with { Peer = text } : null, "it is an address, or an address and port"),
            "OLDERTHAN" => (Duration.TryParse(text, out var age) && !age.IsInfinite ? query with { OlderThan = age.Value } : null,
                Duration.Forms),
            "LIMIT" => (TryNumber(text, out var limit) && limit is >= 1 and <= ConnectionQuery.LimitMax
                    ? query with { Limit = (int)limit } : null,
                $"it is a whole number from 1 to {ConnectionQuery.LimitMax}"),
            "CURSOR" => (TryNumber(text, out var cursor) ? query with { Cursor = cursor } : null,
                "take it from the field next of the page before"),
            _ => (null, null),
        };

    private static bool TryNumber(string text, out long number)
        => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static bool TryEnum(string text, out ConnectionState state)
        => Enum.TryParse(text, ignoreCase: true, out state) && text.All(char.IsAsciiLetter);
}
