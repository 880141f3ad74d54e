using Akka.Actor;

namespace ActorServer.Actors;

/// <summary>
/// Actors whose connections have ended in a drain: they are let go when it is over, or when little happens in a long one. Ending an
/// actor costs more than the end of its connection did; nobody waits for it then.
/// </summary>
internal sealed class Departures
{
    /// <summary>How many are let go at a time: whoever asks meanwhile is answered between two times.</summary>
    public const int BatchMax = 1000;

    private readonly Queue<IActorRef> _actors = [];
    private int _added;

    /// <summary>Somebody is left to be let go.</summary>
    public bool Any => _actors.Count > 0;

    public void Add(IActorRef actor)
    {
        _actors.Enqueue(actor);
        _added++;
    }

    /// <summary>How many have come since this was last asked.</summary>
    public int CountNew()
    {
        var added = _added;
        _added = 0;
        return added;
    }

    /// <summary>Lets the next ones go.</summary>
    public void LetGo()
    {
        for (var i = 0; i < BatchMax && _actors.TryDequeue(out var actor); i++)
        {
            actor.Tell(Leave.Instance, ActorRefs.NoSender);
        }
    }
}
