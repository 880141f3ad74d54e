using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace ActorServer.Cluster;

/// <summary>Stands where Akka's serializer of any type stood. Whoever sends bytes must not choose which types they become.</summary>
internal sealed class RefusingSerializer : Serializer
{
    // Its predecessor has settings, which Akka hands to whoever stands in its place.
    public RefusingSerializer(ExtendedActorSystem system, Config settings)
        : base(system)
        => _ = settings;

    // That of the serializer whose place it takes.
    public override int Identifier => 1;

    public override bool IncludeManifest => false;

    public override byte[] ToBinary(object obj)
        => throw new SerializationException($"{obj.GetType().FullName} has no serializer: messages of this actor system travel only if they are bound to one.");

    public override object FromBinary(byte[] bytes, Type type)
        => throw new SerializationException("Messages of types that the sender chooses are not read by this actor system.");
}
