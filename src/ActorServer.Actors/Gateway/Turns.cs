using Akka.Actor;
using Wire = ActorServer.Core.Wire;

namespace ActorServer.Actors;

/// <summary>
/// The order of what changes this node: that in which it came, also while it is found out whether another node of the same name is
/// meant. Whoever calls a drain off has called for it before. A part of the gateway, on its thread.
/// </summary>
internal sealed class Turns(GatewayState state, Couriers couriers, Action<Wire.IWireChange, IActorRef> perform)
{
    /// <summary>Has a change done, now or in its turn.</summary>
    /// <returns>False when too many wait for theirs.</returns>
    public bool TryTake(IUntypedActorContext context, Wire.IWireChange change, IActorRef asker)
    {
        if (state.IsChecking && state.Held.Count >= GatewayBounds.Held)
        {
            return false;
        }

        if (state.IsChecking)
        {
            state.Held.Enqueue((change, asker));
        }
        else if (MayBeForNamesake(change))
        {
            state.IsChecking = true;
            couriers.Check(context, change, asker);
        }
        else
        {
            perform(change, asker);
        }

        return true;
    }

    /// <summary>No other node has this one's name: a change is done, and what has waited for it, whose name is the same if it has one.</summary>
    public void Pass(Wire.IWireChange change, IActorRef asker)
    {
        perform(change, asker);
        while (state.Held.TryDequeue(out var held))
        {
            perform(held.Change, held.Asker);
        }
    }

    /// <summary>The check is over, however it ended.</summary>
    public void GoOn(IUntypedActorContext context)
    {
        state.IsChecking = false;
        while (!state.IsChecking && state.Held.TryDequeue(out var held))
        {
            TryTake(context, held.Change, held.Asker);
        }
    }

    // The mediator and the receptionist bring what has a name to any node of that name.
    private bool MayBeForNamesake(Wire.IWireChange change)
        => change.Node is not null && state.Cluster?.Others.Any(static o => o.IsReachable) == true;
}
