using ActorServer.Core;
using Akka.Actor;
using Wire = ActorServer.Core.Wire;

namespace ActorServer.Actors;

/// <summary>The node's address for other processes: hears the wire protocol, and asks the node.</summary>
/// <remarks>Hears: wire messages; word of drains from the node. Tells: the supervisor, through the node; askers, subscribers,
/// couriers. Dies: with the actor system. If it crashes, its successor goes on with the same subscribers.</remarks>
internal sealed class Gateway(ActorServerNode node, GatewayState state, Log log) : UntypedActor, IWithTimers
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(250);

    private readonly Answers _answers = new(node, log);

    public ITimerScheduler Timers { get; set; } = null!;

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(static _ => Directive.Stop);

    // Purposefully not the default, which would stop the couriers under way.
    protected override void PreRestart(Exception reason, object message) => log.GatewayFailed(reason);

    protected override void PostRestart(Exception reason)
    {
        state.IsAsking = false;
        StartProgress();
        foreach (var subscriber in state.Subscribers)
        {
            Context.Watch(subscriber);
        }
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Wire.Unreadable unreadable:
                log.NotUnderstood(unreadable.Manifest, Sender.Path.ToString(), unreadable.Problem);
                Sender.Tell(new Wire.NotUnderstood(node.Node, unreadable.Manifest, unreadable.Problem, Wire.WireCodec.Manifests));
                break;
            case Wire.Hello:
                Sender.Tell(new Wire.Here(node.Node));
                break;
            case Wire.IWireRequest request:
                Hear(request);
                break;
            case Elsewhere elsewhere:
                Send(elsewhere.Request);
                break;
            case DrainGranted granted:
                Sender.Tell(new Wire.DrainAccepted(node.Node, granted.Answer.Report!));
                granted.Answer.Ended.PipeTo(Self, Sender, success: report => new GrantedDrainOver(report, granted.Leave));
                break;
            case Answered answered:
                Sender.Tell(answered.Answer);
                break;
            case GrantedDrainOver over:
                OnGrantedOver(over);
                break;
            case DrainBegun begun:
                begun.Ended.PipeTo(Self, success: static report => new DrainOver(report));
                StartProgress();
                break;
            case DrainOver over:
                Timers.Cancel(ProgressTick.Instance);
                Publish(new Wire.DrainCompleted(node.Node, over.Report));
                break;
            case ProgressTick:
                AskProgress();
                break;
            case Progress progress:
                OnProgress(progress.Drain);
                break;
            case Terminated gone:
                Forget(gone.ActorRef);
                break;
            case ClusterEntered entered:
                state.Cluster = entered.Cluster;
                break;
            default:
                // Purposefully silent to answers: an answer to an answer would be endless.
                Unhandled(message);
                break;
        }
    }

    private void Hear(Wire.IWireRequest request)
    {
        if (Wire.WireRules.Problem(request) is { } problem)
        {
            Refuse(Wire.RefusalCode.Invalid, problem);
        }
        else if (request is Wire.IWireChange { Node: null } and not Wire.CloseConnection && CameFromAnywhere(Sender))
        {
            Refuse(Wire.RefusalCode.NodeNotNamed, "Which node hears this is left to chance here: name the one you mean.");
        }
        else if (request is Wire.UnsubscribeFromDrain { Node: { } other } && state.Couriers.Remove((Sender, other), out var courier))
        {
            courier.Forward(request);
        }
        else
        {
            if (request is Wire.IWireChange change)
            {
                Write(change);
            }

            if (IsForAnother(request))
            {
                Send(request);
            }
            else
            {
                Answer(request);
            }
        }
    }

    // Where it came in too: the node it is for sees the courier only.
    private void Write(Wire.IWireChange change)
        => log.WireChange(
            change.GetType().Name, (change as Wire.CloseConnection)?.Id ?? change.Node ?? node.Node, change.By ?? "somebody",
            Sender.Path.ToString(), change.Reason ?? "no reason given");

    private void Answer(Wire.IWireRequest request)
    {
        switch (request)
        {
            case Wire.Drain drain:
                _answers.DrainAsync(Wire.WireRules.ToDrain(drain), leave: null).PipeTo(Self, Sender);
                break;
            case Wire.Leave when state.Cluster is null:
                Refuse(Wire.RefusalCode.NoCluster, "This node is in no cluster: drain it, and stop its process.");
                break;
            case Wire.Leave leave:
                _answers.DrainAsync(Wire.WireRules.ToDrain(leave), leave.Reason ?? "told to leave").PipeTo(Self, Sender);
                break;
            case Wire.SubscribeToDrain:
                Context.Watch(Sender);
                state.Subscribers.Add(Sender);
                _answers.ToAsync(request).PipeTo(Sender, Self);
                StartProgress();
                break;
            case Wire.UnsubscribeFromDrain:
                Context.Unwatch(Sender);
                Forget(Sender);
                Sender.Tell(new Wire.Unsubscribed(node.Node));
                break;
            case Wire.GetConnection { Node: null } or Wire.CloseConnection { Node: null } when state.Cluster is not null:
                var (asker, self) = (Sender, Self);
                _answers.ToAsync(request).PipeTo(
                    self, asker, success: answer => answer is Wire.Gone { EndReason: null } ? new Elsewhere(request) : new Answered(answer));
                break;
            default:
                _answers.ToAsync(request).PipeTo(Sender, Self);
                break;
        }
    }

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
        state.Subscribers.Remove(gone);
        foreach (var (key, courier) in state.Couriers)
        {
            if (courier.Equals(gone))
            {
                state.Couriers.Remove(key);
            }
        }
    }

    private bool IsForAnother(Wire.IWireRequest request) => request switch
    {
        { Node: { } name } => name != node.Node,
        Wire.GetConnection get => !IsOwn(get.Id),
        Wire.CloseConnection close => !IsOwn(close.Id),
        _ => false,
    };

    private bool IsOwn(string id) => state.Cluster is null || id.StartsWith(node.Node + "-", StringComparison.Ordinal);

    private void Send(Wire.IWireRequest request)
    {
        var errand = new Errand(request, Sender, node.Node, state.Cluster);
        var courier = Context.ActorOf(Props.Create(() => new Courier(errand)));
        if (request is Wire.SubscribeToDrain { Node: { } other })
        {
            if (state.Couriers.Remove((Sender, other), out var earlier))
            {
                // Asked once more: one progress is enough.
                Context.Stop(earlier);
            }

            Context.Watch(courier);
            state.Couriers[(Sender, other)] = courier;
        }
    }

    private void Refuse(Wire.RefusalCode code, string message) => Sender.Tell(new Wire.Refused(node.Node, code, message));

    // The receptionist hands a message to any of the nodes, and answers through an actor of its own.
    private static bool CameFromAnywhere(IActorRef sender)
        => sender.Path.Elements is ["system", var name, ..] && name.Contains("receptionist", StringComparison.OrdinalIgnoreCase);
}
