using System.Collections.Frozen;
using System.Reflection;
using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Serialization;
using Akka.Event;
using Akka.Serialization;

namespace ActorServer.Cluster;

/// <summary>Reads what members of a cluster say to each other, and no order about a member.</summary>
/// <remarks>Who has one tells it his own member, and the others hear of it by gossip.</remarks>
/// <param name="system">The actor system.</param>
internal sealed class ClusterWordSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private const string Join = "Akka.Cluster.InternalClusterAction+Join, Akka.Cluster";

    // Purposefully what is read, not what is not: a later Akka may have other orders.
    private static readonly FrozenSet<string> Taken = FrozenSet.Create(
        StringComparer.Ordinal,
        "HB", "HBR", "Akka.Cluster.GossipStatus, Akka.Cluster", "Akka.Cluster.GossipEnvelope, Akka.Cluster",
        "Akka.Cluster.InternalClusterAction+InitJoin, Akka.Cluster", "Akka.Cluster.InternalClusterAction+InitJoinAck, Akka.Cluster",
        "Akka.Cluster.InternalClusterAction+InitJoinNack, Akka.Cluster", Join, "Akka.Cluster.InternalClusterAction+Welcome, Akka.Cluster",
        "Akka.Cluster.InternalClusterAction+ExitingConfirmed, Akka.Cluster");

    private readonly ClusterMessageSerializer _inner = new(system);

    // That of the serializer whose place it takes.
    public override int Identifier => 5;

    public override string Manifest(object o) => _inner.Manifest(o);

    public override byte[] ToBinary(object obj) => _inner.ToBinary(obj);

    // The daemon would obey whoever it hears.
    public override object FromBinary(byte[] bytes, string manifest)
    {
        if (!Taken.Contains(manifest))
        {
            throw new SerializationException($"{manifest} is not taken from other actor systems.");
        }

        var word = _inner.FromBinary(bytes, manifest);
        return manifest == Join && Replaced(Joining(word)) is { } member ? NotTaken(member) : word;
    }

    // The daemon takes such a join for the member's next incarnation, and downs the member: one that is heard from is alive, and has
    // none. Whoever does follow one that has died joins as soon as the cluster misses that, and tries until then.
    private Member? Replaced(UniqueAddress joining)
        => Akka.Cluster.Cluster.Get(system).State is var state
            && state.Members.FirstOrDefault(m => m.Address == joining.Address && m.UniqueAddress != joining) is { } member
            && !state.Unreachable.Contains(member) ? member : null;

    private NotTakenJoin NotTaken(Member member)
    {
        system.Log.Warning("A join is not taken: {0} is a member already, and has been heard from of late.", member.Address);
        return NotTakenJoin.Instance;
    }

    // Akka keeps the type to itself.
    private static UniqueAddress Joining(object join)
        => (UniqueAddress)join.GetType().GetProperty("Node", BindingFlags.Instance | BindingFlags.Public)!.GetValue(join)!;

    /// <summary>What the daemon gets instead: nothing that it knows.</summary>
    private sealed class NotTakenJoin
    {
        public static readonly NotTakenJoin Instance = new();
    }
}
