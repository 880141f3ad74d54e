using ActorServer.Core;
using Akka.Actor;
using Wire = ActorServer.Core.Wire;

namespace ActorServer.Actors;

/// <content>What it tells of drains.</content>
internal sealed partial class Gateway
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(250);

    private void OnGrantedOver(GrantedDrainOver over)
    {
        // A subscriber is told anyway, and once is enough.
        if (!state.Subscribers.Contains(Sender))
        {
            Sender.Tell(new Wire.DrainCompleted(node.Node, over.Report));
        }

        if (over.Leave is { } reason && over.Report.Phase != DrainPhase.Cancelled)
        {
            state.Cluster?.Leave(reason);
        }
    }

    private void StartProgress()
    {
        if (state.Subscribers.Count > 0)
        {
            // It ends by itself where no drain runs.
            Timers.StartPeriodicTimer(ProgressTick.Instance, ProgressTick.Instance, TimeSpan.Zero, ProgressInterval);
        }
    }

    private void AskProgress()
    {
        if (!state.IsAsking)
        {
            state.IsAsking = true;
            _answers.ProgressAsync().PipeTo(Self);
        }
    }

    private void OnProgress(DrainReport? drain)
    {
        state.IsAsking = false;
        if (state.Subscribers.Count == 0 || drain is { EndedAt: not null } or null)
        {
            Timers.Cancel(ProgressTick.Instance);
        }
        else
        {
            Publish(new Wire.DrainProgress(node.Node, drain));
        }
    }

    private void Publish(Wire.IWireAnswer word)
    {
        foreach (var subscriber in state.Subscribers)
        {
            subscriber.Tell(word);
        }
    }

    private void Forget(IActorRef gone)
    {
        if (gone.Path.Parent.Equals(Self.Path))
        {
            state.UnderWay--;
        }

        state.Subscribers.Remove(gone);
        foreach (var (key, courier) in state.Couriers)
        {
            if (courier.Equals(gone))
            {
                state.Couriers.Remove(key);
            }
        }
    }
}
