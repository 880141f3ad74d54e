using Akka.Actor;
using Wire = ActorServer.Core.Wire;

namespace ActorServer.Actors;

/// <summary>How much a gateway takes on: what is beyond is refused, so that nobody can make a node's memory grow by asking.</summary>
internal static class GatewayBounds
{
    /// <summary>Each is told four times a second, up to 100,000 bytes. People and screens that watch are few.</summary>
    public const int Subscribers = 100;

    /// <summary>
    /// Requests whose answer the node still works on: milliseconds each, unless it is stuck. Each may hold a page of 1000 connections.
    /// </summary>
    public const int InFlight = 250;

    /// <summary>Each is an actor that asks every member of the cluster for its name, and lives as long as the drain that it follows.</summary>
    public const int Couriers = 250;

    /// <summary>Who is to be told the end of a drain that he asked for. An operator is one; a script that asks again and again is many.</summary>
    public const int Waiting = 1000;

    /// <summary>Changes of this node that wait for their turn, for 3 s at most.</summary>
    public const int Held = 100;

    /// <summary>What is said when more wait.</summary>
    public const string HeldFull = "too many changes wait for their turn";

    /// <summary>What is said when there are too many couriers.</summary>
    public const string CouriersFull = "too many requests for other nodes are under way";

    /// <summary>The bound that a request for this node would pass, in a clause; null: none.</summary>
    public static string? Reached(Wire.IWireRequest request, IActorRef sender, GatewayState state) => request switch
    {
        Wire.SubscribeToDrain when state.Subscribers.Count >= Subscribers && !state.Subscribers.Contains(sender)
            => "too many are told of its drains already",
        Wire.Drain or Wire.Leave when state.Waiting >= Waiting => "too many wait for the end of its drain",
        // It frees what was taken, and is answered at once.
        Wire.UnsubscribeFromDrain => null,
        _ when state.InFlight >= InFlight => "too many requests are under way",
        _ => null,
    };
}
