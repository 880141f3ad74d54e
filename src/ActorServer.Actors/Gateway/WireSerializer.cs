using ActorServer.Core.Wire;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace ActorServer.Actors;

/// <summary>Carries the messages of <see cref="ActorServer.Core.Wire"/> between actor systems. The bytes are <see cref="WireCodec"/>'s.</summary>
/// <param name="system">The actor system.</param>
public sealed class WireSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>What an actor system needs in its configuration to speak with nodes.</summary>
    public static Config Configuration { get; } = ConfigurationFactory.ParseString("""
        akka.actor {
          serializers.actor-server = "ActorServer.Actors.WireSerializer, ActorServer.Actors"
          serialization-bindings { "ActorServer.Core.Wire.IWireMessage, ActorServer.Core" = actor-server }
        }
        """);

    /// <inheritdoc/>
    public override int Identifier => WireCodec.SerializerId;

    /// <inheritdoc/>
    public override string Manifest(object o) => WireCodec.ManifestOf(o);

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) => WireCodec.Encode(obj);

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest) => WireCodec.Decode(manifest, bytes);
}
