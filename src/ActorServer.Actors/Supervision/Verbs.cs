using ActorServer.Core;
using Akka.Actor;

namespace ActorServer.Actors;

/// <summary>Hears what steers the node. One verb at a time: while it waits for a hook or for the ports, the others wait for it.</summary>
internal sealed class Verbs(Ledger ledger, NodeSetup setup, DrainLead lead, IActorRef self, IStash stash)
{
    /// <summary>Does what is asked; the answer comes now, or once a hook or the ports have been waited for.</summary>
    public void Hear(IVerb verb, IActorRef sender)
    {
        switch (verb)
        {
            case not null when ledger.Pending is not null:
                stash.Stash();
                break;
            case BeginDrain begin when ledger.Node.Phase == NodePhase.Serving && setup.Hooks.Any:
                ledger.Pending = begin;
                setup.Hooks.OnRequestedAsync(begin.Request)
                    .PipeTo(self, sender, success: refusal => new DrainDecided(begin.Request, refusal));
                break;
            case BeginDrain begin:
                sender.Tell(lead.Begin(begin.Request));
                break;
            case Resume when lead.ResumeRefusal() is { } refusal:
                sender.Tell(new SteerAnswer(null, refusal));
                break;
            case Resume when ledger.Node == Node.Started:
                sender.Tell(new SteerAnswer(Status(), null));
                break;
            case Resume:
                // No phase ends while the ports are being opened.
                lead.Pause();
                ledger.Pending = verb;
                setup.Gate.OpenAsync().PipeTo(
                    self, sender, success: static () => new PortsOpened(null), failure: static e => new PortsOpened(e));
                break;
            case Suspend when ledger.Node.Phase != NodePhase.Serving:
                sender.Tell(new SteerAnswer(null, $"The node is in phase {ledger.Node.Phase}: its drain closes the ports."));
                break;
            case Suspend:
                lead.Hear(NodeSignal.Suspend);
                sender.Tell(new SteerAnswer(Status(), null));
                break;
        }
    }

    /// <summary>The application's hooks have been heard.</summary>
    public void Hear(DrainDecided decided, IActorRef sender)
    {
        NotBusy();
        sender.Tell(decided.Refusal is { } refusal ? new DrainAnswer(null, ledger.WhenDrained, refusal) : lead.Begin(decided.Request));
    }

    /// <summary>The ports are open, or could not be opened.</summary>
    public void Hear(PortsOpened opened, IActorRef sender)
    {
        NotBusy();
        if (opened.Failure is { } failure)
        {
            setup.Log.PortsNotOpened(failure);
            lead.GoOn();
            sender.Tell(new SteerAnswer(null, $"The ports cannot be opened: {failure.Message}"));
        }
        else
        {
            lead.Resume();
            sender.Tell(new SteerAnswer(Status(), null));
        }
    }

    private NodeStatus Status() => ledger.Status(setup.Node, setup.Gate.Accepting, setup.Time.GetUtcNow());

    private void NotBusy()
    {
        ledger.Pending = null;
        stash.UnstashAll();
    }
}
