using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ActorServer.Core.Wire;

/// <summary>Turns messages into bytes and back. Whatever the bytes are, reading them gives a message.</summary>
public static class WireCodec
{
    /// <summary>The serializer's number: with the manifest it says what the bytes are.</summary>
    public const int SerializerId = 405_300;

    /// <summary>How long a message may be, in bytes. A frame holds 128,000 where nobody has set it.</summary>
    public const int LengthMax = 100_000;

    // Field names, a cursor, and a node's name of any length that makes sense.
    private const int EnvelopeMax = 2000;

    private static readonly Entry[] Entries =
    [
        Entry.Of("drain/1", static () => WireJson.Default.Drain),
        Entry.Of("resume/1", static () => WireJson.Default.Resume),
        Entry.Of("suspend/1", static () => WireJson.Default.Suspend),
        Entry.Of("leave/1", static () => WireJson.Default.Leave),
        Entry.Of("close-connection/1", static () => WireJson.Default.CloseConnection),
        Entry.Of("down/1", static () => WireJson.Default.Down),
        Entry.Of("get-status/1", static () => WireJson.Default.GetStatus),
        Entry.Of("list-connections/1", static () => WireJson.Default.ListConnections),
        Entry.Of("get-connection/1", static () => WireJson.Default.GetConnection),
        Entry.Of("subscribe-to-drain/1", static () => WireJson.Default.SubscribeToDrain),
        Entry.Of("unsubscribe-from-drain/1", static () => WireJson.Default.UnsubscribeFromDrain),
        Entry.Of("hello/1", static () => WireJson.Default.Hello),
        Entry.Of("here/1", static () => WireJson.Default.Here),
        Entry.Of("drain-accepted/1", static () => WireJson.Default.DrainAccepted),
        Entry.Of("drain-progress/1", static () => WireJson.Default.DrainProgress),
        Entry.Of("drain-completed/1", static () => WireJson.Default.DrainCompleted),
        Entry.Of("status/1", static () => WireJson.Default.StatusAnswer),
        Entry.Of("connections/1", static () => WireJson.Default.ConnectionsAnswer),
        Entry.Of("connection/1", static () => WireJson.Default.ConnectionAnswer),
        Entry.Of("close-accepted/1", static () => WireJson.Default.CloseAccepted),
        Entry.Of("downed/1", static () => WireJson.Default.Downed),
        Entry.Of("gone/1", static () => WireJson.Default.Gone),
        Entry.Of("subscribed/1", static () => WireJson.Default.Subscribed),
        Entry.Of("unsubscribed/1", static () => WireJson.Default.Unsubscribed),
        Entry.Of("refused/1", static () => WireJson.Default.Refused),
        Entry.Of("not-understood/1", static () => WireJson.Default.NotUnderstood),
    ];

    private static readonly FrozenDictionary<string, Entry> ByManifest
        = Entries.ToFrozenDictionary(static e => e.Manifest, StringComparer.Ordinal);

    private static readonly FrozenDictionary<Type, Entry> ByType = Entries.ToFrozenDictionary(static e => e.Message);

    /// <summary>The manifests that are known here.</summary>
    public static IReadOnlyList<string> Manifests { get; } = [.. Entries.Select(static e => e.Manifest)];

    /// <summary>The types that travel.</summary>
    public static IReadOnlyList<Type> Types { get; } = [.. Entries.Select(static e => e.Message)];

    /// <summary>A message's manifest: its name and version.</summary>
    /// <param name="message">The message.</param>
    /// <exception cref="ArgumentException">It does not travel.</exception>
    public static string ManifestOf(object message) => EntryOf(message).Manifest;

    /// <summary>A message's bytes: JSON in UTF-8. Texts of clients are cut to what a message can hold.</summary>
    /// <param name="message">The message.</param>
    /// <exception cref="ArgumentException">It does not travel.</exception>
    public static byte[] Encode(object message)
    {
        var type = EntryOf(message).Make();
        return JsonSerializer.SerializeToUtf8Bytes(WireFit.Fit(message), type);
    }

    /// <summary>How many connections, of the first ones, one <see cref="ConnectionsAnswer"/> can hold; one always fits.</summary>
    /// <param name="connections">The connections. No more of them are looked at than fit.</param>
    public static int Fitting(IReadOnlyList<ConnectionSnapshot> connections)
    {
        ArgumentNullException.ThrowIfNull(connections);
        var room = LengthMax - EnvelopeMax;
        for (var count = 0; count < connections.Count; count++)
        {
            room -= JsonSerializer.SerializeToUtf8Bytes(WireFit.Fit(connections[count]), WireJson.Default.ConnectionSnapshot).Length + 1;
            if (room < 0)
            {
                return Math.Max(1, count);
            }
        }

        return connections.Count;
    }

    /// <summary>The message that bytes hold, or an <see cref="Unreadable"/> that says what is wrong. It never throws.</summary>
    /// <param name="manifest">What the bytes are said to be.</param>
    /// <param name="bytes">The bytes.</param>
    public static IWireMessage Decode(string manifest, ReadOnlySpan<byte> bytes)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        if (!ByManifest.TryGetValue(manifest, out var entry))
        {
            return new Unreadable(WireFit.Cut(manifest), "No such message is known here, or not in this version.");
        }

        try
        {
            return JsonSerializer.Deserialize(bytes, entry.Make()) as IWireMessage
                ?? new Unreadable(manifest, "The message is null.");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            // The last two are for values that are JSON and still no text, or no value of their type.
            return new Unreadable(manifest, $"The message cannot be read: {WireFit.Cut(exception.Message)}");
        }
    }

    /// <summary>A node's status as the admin API writes it.</summary>
    /// <param name="status">The status.</param>
    public static string ToJson(NodeStatus status) => JsonSerializer.Serialize(status, WireJson.Default.NodeStatus);

    /// <summary>A drain as the admin API writes it.</summary>
    /// <param name="drain">The drain.</param>
    public static string ToJson(DrainReport drain) => JsonSerializer.Serialize(drain, WireJson.Default.DrainReport);

    /// <summary>A connection as the admin API writes it.</summary>
    /// <param name="connection">The connection.</param>
    public static string ToJson(ConnectionSnapshot connection)
        => JsonSerializer.Serialize(connection, WireJson.Default.ConnectionSnapshot);

    private static Entry EntryOf(object message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return ByType.TryGetValue(message.GetType(), out var entry)
            ? entry
            : throw new ArgumentException($"{message.GetType().Name} does not travel.", nameof(message));
    }

    // Made when it is first needed: most processes speak few of them, and each takes its time.
    private readonly record struct Entry(string Manifest, Type Message, Func<JsonTypeInfo> Make)
    {
        public static Entry Of<T>(string manifest, Func<JsonTypeInfo<T>> make)
            where T : IWireMessage
            => new(manifest, typeof(T), make);
    }
}
