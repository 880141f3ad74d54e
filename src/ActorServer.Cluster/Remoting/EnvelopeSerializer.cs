using ActorServer.Core.Wire;
using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Cluster.Tools.PublishSubscribe.Serialization;
using Akka.Serialization;

namespace ActorServer.Cluster;

/// <summary>Reads the envelopes that the cluster's mediator opens, and marks in them what is for nobody in particular.</summary>
/// <remarks>Whoever hears the message cannot see that it came in an envelope, to him or to all.</remarks>
/// <param name="system">The actor system.</param>
internal sealed class EnvelopeSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private readonly DistributedPubSubMessageSerializer _inner = new(system);

    // That of the serializer whose place it takes.
    public override int Identifier => 9;

    public override string Manifest(object o) => _inner.Manifest(o);

    public override byte[] ToBinary(object obj) => _inner.ToBinary(obj);

    public override object FromBinary(byte[] bytes, string manifest) => _inner.FromBinary(bytes, manifest) switch
    {
        Send { Message: IWireMessage inner } send => new Send(send.Path, WireRules.ByChance(inner), send.LocalAffinity),
        SendToAll { Message: IWireMessage inner } send => new SendToAll(send.Path, WireRules.ByChance(inner), send.ExcludeSelf),
        var other => other,
    };
}
