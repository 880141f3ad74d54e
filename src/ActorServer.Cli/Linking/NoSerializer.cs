using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace ActorServer.Cli.Linking;

/// <summary>Stands where Akka's usual serializer does, which makes objects of whatever type a message names.</summary>
/// <param name="system">The actor system.</param>
/// <param name="config">The settings of the usual one.</param>
#pragma warning disable CS9113 // Akka hands its settings to whatever has the usual one's name.
internal sealed class NoSerializer(ExtendedActorSystem system, Config config) : Serializer(system)
#pragma warning restore CS9113
{
    // That of the usual one.
    public override int Identifier => 1;

    public override bool IncludeManifest => false;

    public override byte[] ToBinary(object obj) => throw new NotSupportedException($"{obj.GetType().Name} is not of the protocol.");

    public override object FromBinary(byte[] bytes, Type type) => throw new NotSupportedException("What came is not of the protocol.");
}
