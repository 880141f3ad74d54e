using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Remote.Serialization;
using Akka.Serialization;

namespace ActorServer.Cluster;

/// <summary>Reads what of Akka's own miscellany finds and watches actors, and nothing that ends them or is made by its type's name.</summary>
/// <remarks>
/// PoisonPill and Kill are dropped by untrusted mode where they come bare, but not in an envelope that one of the cluster's actors
/// opens: what cannot be read is in no envelope.
/// </remarks>
/// <param name="system">The actor system.</param>
internal sealed class ReferenceOnlySerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    // Identify and its answer, references, and the heartbeats of those who watch.
    private static readonly HashSet<string> Taken = ["ID", "AID", "AR", "RWHB", "RWHR"];

    private readonly MiscMessageSerializer _inner = new(system);

    // That of the serializer whose place it takes.
    public override int Identifier => 16;

    public override string Manifest(object o) => _inner.Manifest(o);

    public override byte[] ToBinary(object obj) => _inner.ToBinary(obj);

    public override object FromBinary(byte[] bytes, string manifest)
        => Taken.Contains(manifest)
            ? _inner.FromBinary(bytes, manifest)
            : throw new SerializationException($"{manifest} is not taken from other actor systems.");
}
