using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Dispatch.SysMsg;
using Akka.Remote.Serialization;
using Akka.Serialization;

namespace ActorServer.Cluster;

/// <summary>Reads those of Akka's system messages that watch actors, and none that suspend, restart or stop them.</summary>
/// <param name="system">The actor system.</param>
internal sealed class WatchOnlySerializer(ExtendedActorSystem system) : Serializer(system)
{
    private readonly SystemMessageSerializer _inner = new(system);

    // That of the serializer whose place it takes.
    public override int Identifier => 22;

    public override bool IncludeManifest => true;

    public override byte[] ToBinary(object obj) => _inner.ToBinary(obj);

    // Only about the sender's own side. A guardian that is told that its child has died, or made to watch a stranger who then does,
    // takes the whole node along.
    public override object FromBinary(byte[] bytes, Type type)
        => type != typeof(Watch) && type != typeof(Unwatch) && type != typeof(DeathWatchNotification)
            ? throw Refusal(type?.Name)
            : _inner.FromBinary(bytes, type) switch
            {
                Watch watch when !IsHere(watch.Watcher) => watch,
                Unwatch unwatch when !IsHere(unwatch.Watcher) => unwatch,
                DeathWatchNotification death when !IsHere(death.Actor) => death,
                _ => throw Refusal($"{type.Name} about an actor of this node"),
            };

    private static bool IsHere(IActorRef actor) => actor is IActorRefScope { IsLocal: true };

    private static SerializationException Refusal(string? what) => new($"{what} is not taken from other actor systems.");
}
