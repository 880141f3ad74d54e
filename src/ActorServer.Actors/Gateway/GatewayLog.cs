using Akka.Actor;
using Wire = ActorServer.Core.Wire;

namespace ActorServer.Actors;

/// <summary>What the gateway writes to the log: one line each, whatever others have put into it, and no more than anybody reads.</summary>
internal sealed class GatewayLog(Log log, TimeProvider time)
{
    private readonly SeldomLine _notUnderstood = new();
    private readonly SeldomLine _busy = new();

    /// <summary>A change is asked for. All are written: that is what the log is for.</summary>
    public void Change(Wire.IWireChange change, string node, IActorRef sender)
        => log.WireChange(
            change.GetType().Name, OneLine.Of((change as Wire.CloseConnection)?.Id ?? (change as Wire.Down)?.Member ?? change.Node ?? node), OneLine.Of(change.By ?? "somebody"),
            Address(sender), OneLine.Of(change.Reason ?? "no reason given"));

    public void NotUnderstood(Wire.Unreadable unreadable, IActorRef sender)
    {
        if (_notUnderstood.TryTake(time.GetUtcNow(), out var skipped))
        {
            log.NotUnderstood(OneLine.Of(unreadable.Manifest), Address(sender), OneLine.Of(unreadable.Problem), skipped);
        }
    }

    public void Busy(string full, IActorRef sender)
    {
        if (_busy.TryTake(time.GetUtcNow(), out var skipped))
        {
            log.GatewayBusy(full, Address(sender), skipped);
        }
    }

    public void Failed(Exception reason) => log.GatewayFailed(reason);

    private static string Address(IActorRef sender) => OneLine.Of(sender.Path.ToString());
}
