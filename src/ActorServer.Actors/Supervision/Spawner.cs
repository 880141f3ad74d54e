using Akka.Actor;

namespace ActorServer.Actors;

/// <summary>Makes the actors of connections.</summary>
internal sealed class Spawner(NodeSetup setup, IActorRefFactory parent)
{
    /// <summary>Makes a connection's actor.</summary>
    /// <returns>False when it cannot be made; the log says why.</returns>
    public bool TrySpawn(ConnectionCell cell, out IActorRef actor)
    {
        try
        {
            actor = Spawn(cell);
            return true;
        }
#pragma warning disable CA1031 // Whatever keeps an actor from being made, its connection must not hang unowned.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            setup.Log.ActorNotMade(exception, cell.Id);
            actor = ActorRefs.Nobody;
            return false;
        }
    }

    private IActorRef Spawn(ConnectionCell cell)
    {
        var props = new ConnectionProps(cell, setup);
        try
        {
            return parent.ActorOf(props, cell.Id);
        }
        catch (InvalidActorNameException)
        {
            // The name is still a predecessor's, or the transport's identity is no name for an actor: any other will do.
            return parent.ActorOf(props);
        }
    }
}
