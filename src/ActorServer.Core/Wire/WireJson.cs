using System.Text.Json;
using System.Text.Json.Serialization;

namespace ActorServer.Core.Wire;

/// <summary>How messages are written: the admin API's JSON, UTF-8. The serializers are made by the compiler.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters =
    [
        typeof(DurationConverter), typeof(NameConverter<NodePhase>), typeof(NameConverter<DrainPhase>),
        typeof(NameConverter<DrainTrigger>), typeof(NameConverter<ConnectionState>), typeof(NameConverter<EndReason>),
        typeof(NameConverter<RefusalCode>),
    ])]
[JsonSerializable(typeof(Drain))]
[JsonSerializable(typeof(Resume))]
[JsonSerializable(typeof(Suspend))]
[JsonSerializable(typeof(Leave))]
[JsonSerializable(typeof(CloseConnection))]
[JsonSerializable(typeof(Down))]
[JsonSerializable(typeof(GetStatus))]
[JsonSerializable(typeof(ListConnections))]
[JsonSerializable(typeof(GetConnection))]
[JsonSerializable(typeof(SubscribeToDrain))]
[JsonSerializable(typeof(UnsubscribeFromDrain))]
[JsonSerializable(typeof(Hello))]
[JsonSerializable(typeof(Here))]
[JsonSerializable(typeof(DrainAccepted))]
[JsonSerializable(typeof(DrainProgress))]
[JsonSerializable(typeof(DrainCompleted))]
[JsonSerializable(typeof(StatusAnswer))]
[JsonSerializable(typeof(ConnectionsAnswer))]
[JsonSerializable(typeof(ConnectionAnswer))]
[JsonSerializable(typeof(CloseAccepted))]
[JsonSerializable(typeof(Downed))]
[JsonSerializable(typeof(Gone))]
[JsonSerializable(typeof(Subscribed))]
[JsonSerializable(typeof(Unsubscribed))]
[JsonSerializable(typeof(Refused))]
[JsonSerializable(typeof(NotUnderstood))]
internal sealed partial class WireJson : JsonSerializerContext;

/// <summary>A duration in the form in which it is written everywhere.</summary>
internal sealed class DurationConverter : JsonConverter<Duration>
{
    public override Duration Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        => reader.TokenType == JsonTokenType.String && Duration.TryParse(reader.GetString(), out var duration)
            ? duration
            : throw new JsonException($"A duration is a string; {Duration.Forms}.");

    public override void Write(Utf8JsonWriter writer, Duration value, JsonSerializerOptions options)
        => writer.WriteStringValue(value.ToString());
}

/// <summary>An enum by name. A name that this version does not know is -1: it must not make the rest unreadable.</summary>
internal sealed class NameConverter<T> : JsonConverter<T>
    where T : struct, Enum
{
    private static readonly T Unknown = (T)Enum.ToObject(typeof(T), -1);

    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        => reader.TokenType != JsonTokenType.String ? throw new JsonException($"A {typeof(T).Name} is a string.")
            : reader.GetString() is { } name && Array.IndexOf(Enum.GetNames<T>(), name) is var index and >= 0
                ? Enum.GetValues<T>()[index]
                : Unknown;

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
        => writer.WriteStringValue(Enum.GetName(value) ?? "Unknown");
}
