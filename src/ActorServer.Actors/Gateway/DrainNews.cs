using ActorServer.Core;
using Akka.Actor;
using Wire = ActorServer.Core.Wire;

namespace ActorServer.Actors;

/// <summary>Tells subscribers of this node's drains. A part of the gateway, on its thread.</summary>
internal sealed class DrainNews(string node, GatewayState state, Answers answers, IUntypedActorContext context, IWithTimers timed)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    public void Add(IActorRef subscriber)
    {
        context.Watch(subscriber);
        state.Subscribers.Add(subscriber);
        Begin();
    }

    public void Remove(IActorRef subscriber)
    {
        context.Unwatch(subscriber);
        Forget(subscriber);
    }

    public void Forget(IActorRef gone) => state.Subscribers.Remove(gone);

    /// <summary>A drain may run: whoever is there is told how it goes.</summary>
    public void Begin()
    {
        if (state.Subscribers.Count > 0)
        {
            // It ends by itself where no drain runs.
            timed.Timers.StartPeriodicTimer(ProgressTick.Instance, ProgressTick.Instance, TimeSpan.Zero, Interval);
        }
    }

    public void Ask()
    {
        if (!state.IsAsking)
        {
            state.IsAsking = true;
            answers.ProgressAsync().PipeTo(context.Self);
        }
    }

    public void Tell(DrainReport? drain)
    {
        state.IsAsking = false;
        if (state.Subscribers.Count == 0 || drain is { EndedAt: not null } or null)
        {
            timed.Timers.Cancel(ProgressTick.Instance);
        }
        else
        {
            Publish(new Wire.DrainProgress(node, drain));
        }
    }

    public void End(DrainReport drain)
    {
        timed.Timers.Cancel(ProgressTick.Instance);
        Publish(new Wire.DrainCompleted(node, drain));
    }

    /// <summary>After a crash: goes on with the same subscribers.</summary>
    public void Recover()
    {
        state.IsAsking = false;
        Begin();
        foreach (var subscriber in state.Subscribers)
        {
            context.Watch(subscriber);
        }
    }

    private void Publish(Wire.IWireAnswer word)
    {
        foreach (var subscriber in state.Subscribers)
        {
            subscriber.Tell(word);
        }
    }
}
