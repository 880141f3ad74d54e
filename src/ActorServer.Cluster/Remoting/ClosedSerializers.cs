using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;

namespace ActorServer.Cluster;

/// <summary>Stands where Akka's serializer of deployments stood: nobody starts actors here from afar.</summary>
/// <param name="system">The actor system.</param>
internal sealed class DeploymentSerializer(ExtendedActorSystem system) : Serializer(system)
{
    // That of the serializer whose place it takes.
    public override int Identifier => 3;

    public override bool IncludeManifest => false;

    public override byte[] ToBinary(object obj) => throw new SerializationException("Actors are not deployed to other actor systems.");

    public override object FromBinary(byte[] bytes, Type type)
        => throw new SerializationException("Actors are not deployed by other actor systems.");
}

/// <summary>Stands where Akka's serializer of protobuf types stood, which the sender would choose too.</summary>
/// <param name="system">The actor system.</param>
internal sealed class NoProtobufSerializer(ExtendedActorSystem system) : Serializer(system)
{
    // That of the serializer whose place it takes.
    public override int Identifier => 2;

    public override bool IncludeManifest => true;

    public override byte[] ToBinary(object obj) => throw new SerializationException($"{obj.GetType().FullName} does not travel by this actor system.");

    public override object FromBinary(byte[] bytes, Type type)
        => throw new SerializationException("Messages of types that the sender chooses are not read by this actor system.");
}
