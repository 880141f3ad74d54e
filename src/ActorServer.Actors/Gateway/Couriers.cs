using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Akka.Actor;
using Wire = ActorServer.Core.Wire;

namespace ActorServer.Actors;

/// <summary>Sends couriers to other nodes. A part of the gateway, on its thread.</summary>
internal sealed class Couriers(string node, GatewayState state)
{
    private const int NameLength = 32;

    /// <summary>Sends one.</summary>
    /// <returns>False when there are too many.</returns>
    public bool TrySend(IUntypedActorContext context, Wire.IWireRequest request, IActorRef asker)
    {
        var other = (request as Wire.SubscribeToDrain)?.Node;
        if (other is not null && TryTake(asker, other, out var earlier))
        {
            // Asked once more: one progress is enough.
            context.Stop(earlier);
        }

        if (context.GetChildren().Count() >= GatewayBounds.Couriers)
        {
            return false;
        }

        var courier = Send(context, request, asker);
        if (other is not null)
        {
            context.Watch(courier);
            state.Couriers[(asker, other)] = courier;
        }

        return true;
    }

    /// <summary>Finds out whether a change of this node, by its name, is meant for another of that name. There is always room for it.</summary>
    public void Check(IUntypedActorContext context, Wire.IWireChange change, IActorRef asker) => Send(context, change, asker);

    /// <summary>Takes back the one that follows a node's drains for somebody.</summary>
    public bool TryTake(IActorRef asker, string other, [NotNullWhen(true)] out IActorRef? courier)
        => state.Couriers.Remove((asker, other), out courier);

    public void Forget(IActorRef gone)
    {
        foreach (var (key, courier) in state.Couriers)
        {
            if (courier.Equals(gone))
            {
                state.Couriers.Remove(key);
            }
        }
    }

    // Of a name that nobody can guess: only those that it asks can answer it.
    private IActorRef Send(IUntypedActorContext context, Wire.IWireRequest request, IActorRef asker)
    {
        Errand errand = new(request, asker, node, state.Cluster);
        return context.ActorOf(Props.Create(() => new Courier(errand)), RandomNumberGenerator.GetHexString(NameLength));
    }
}
