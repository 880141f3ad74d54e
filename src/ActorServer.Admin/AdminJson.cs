using System.Text.Json;
using System.Text.Json.Serialization;

namespace ActorServer.Admin;

/// <summary>How the admin side writes JSON: camelCase, enums by name.</summary>
internal static class AdminJson
{
    public static void Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.Converters.Add(new JsonStringEnumConverter(allowIntegerValues: false));
    }
}
