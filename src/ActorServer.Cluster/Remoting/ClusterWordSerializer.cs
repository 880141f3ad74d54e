using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Cluster.Serialization;
using Akka.Serialization;

namespace ActorServer.Cluster;

/// <summary>Reads what members of a cluster say to each other, and no order about a member.</summary>
/// <remarks>Who has one tells it his own member, and the others hear of it by gossip.</remarks>
/// <param name="system">The actor system.</param>
internal sealed class ClusterWordSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private readonly ClusterMessageSerializer _inner = new(system);

    // That of the serializer whose place it takes.
    public override int Identifier => 5;

    public override string Manifest(object o) => _inner.Manifest(o);

    public override byte[] ToBinary(object obj) => _inner.ToBinary(obj);

    // The daemon would obey whoever it hears.
    public override object FromBinary(byte[] bytes, string manifest)
        => _inner.FromBinary(bytes, manifest) is var word && word.GetType().DeclaringType?.FullName != "Akka.Cluster.ClusterUserAction"
            ? word
            : throw new SerializationException($"{manifest} is not taken from other actor systems.");
}
