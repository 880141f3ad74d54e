using ActorServer.Core;
using Akka.Actor;
using Wire = ActorServer.Core.Wire;

namespace ActorServer.Actors;

/// <summary>The node's address for other processes: hears the wire protocol, and asks the node.</summary>
/// <remarks>Hears: wire messages; word of drains from the node. Tells: the supervisor, through the node; askers, subscribers,
/// couriers. Dies: with the actor system. If it crashes, its successor goes on with the same subscribers.</remarks>
internal sealed partial class Gateway(ActorServerNode node, GatewayState state, Log log) : UntypedActor, IWithTimers
{
    private readonly Answers _answers = new(node, log);

    public ITimerScheduler Timers { get; set; } = null!;

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(static _ => Directive.Stop);

    // Purposefully not the default, which would stop the couriers under way.
    protected override void PreRestart(Exception reason, object message) => log.GatewayFailed(reason);

    protected override void PostRestart(Exception reason)
    {
        state.IsAsking = false;
        var couriers = Context.GetChildren().ToList();
        // What its predecessor was about to tell is lost with it.
        state.UnderWay = couriers.Count;
        StartProgress();
        foreach (var actor in state.Subscribers.Concat(couriers))
        {
            Context.Watch(actor);
        }
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Wire.Unreadable unreadable:
                if (state.MayTell(Context.System.Scheduler.Now))
                {
                    log.NotUnderstood(unreadable.Manifest, Sender.Path.ToString(), unreadable.Problem);
                }

                Sender.Tell(new Wire.NotUnderstood(node.Node, unreadable.Manifest, unreadable.Problem, Wire.WireCodec.Manifests));
                break;
            case Wire.Hello:
                Sender.Tell(new Wire.Here(node.Node));
                break;
            case Wire.IWireRequest request:
                Hear(request);
                break;
            case Elsewhere elsewhere:
                state.UnderWay--;
                Send(elsewhere.Request);
                break;
            case DrainGranted granted:
                Sender.Tell(new Wire.DrainAccepted(node.Node, granted.Answer.Report!));
                granted.Answer.Ended.PipeTo(Self, Sender, success: report => new GrantedDrainOver(report, granted.Leave));
                break;
            case Answered answered:
                state.UnderWay--;
                Sender.Tell(answered.Answer);
                break;
            case GrantedDrainOver over:
                state.UnderWay--;
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
        else if (!state.Bears(request, Sender))
        {
            Refuse(Wire.RefusalCode.NoAnswer, "This node answers as many others as it bears already: ask again later.");
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
                state.UnderWay++;
                _answers.DrainAsync(Wire.WireRules.ToDrain(drain), leave: null).PipeTo(Self, Sender);
                break;
            case Wire.Leave when state.Cluster is null:
                Refuse(Wire.RefusalCode.NoCluster, "This node is in no cluster: drain it, and stop its process.");
                break;
            case Wire.Leave leave:
                state.UnderWay++;
                _answers.DrainAsync(Wire.WireRules.ToDrain(leave), leave.Reason ?? "told to leave").PipeTo(Self, Sender);
                break;
            case Wire.SubscribeToDrain:
                Context.Watch(Sender);
                state.Subscribers.Add(Sender);
                Ask(request);
                StartProgress();
                break;
            case Wire.UnsubscribeFromDrain:
                Context.Unwatch(Sender);
                Forget(Sender);
                Sender.Tell(new Wire.Unsubscribed(node.Node));
                break;
            case Wire.GetConnection { Node: null } or Wire.CloseConnection { Node: null } when state.Cluster is not null:
                Ask(request, static answer => answer is Wire.Gone { EndReason: null });
                break;
            default:
                Ask(request);
                break;
        }
    }

    private void Ask(Wire.IWireRequest request, Predicate<Wire.IWireAnswer>? isElsewhere = null)
    {
        state.UnderWay++;
        _answers.ToAsync(request).PipeTo(
            Self, Sender, success: answer => isElsewhere?.Invoke(answer) == true ? new Elsewhere(request) : new Answered(answer));
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
        state.UnderWay++;
        Context.Watch(courier);
        if (request is Wire.SubscribeToDrain { Node: { } other })
        {
            if (state.Couriers.Remove((Sender, other), out var earlier))
            {
                // Asked once more: one progress is enough.
                Context.Stop(earlier);
            }

            state.Couriers[(Sender, other)] = courier;
        }
    }

    private void Refuse(Wire.RefusalCode code, string message) => Sender.Tell(new Wire.Refused(node.Node, code, message));

    // The receptionist hands a message to any of the nodes, and answers through an actor of its own.
    private static bool CameFromAnywhere(IActorRef sender)
        => sender.Path.Elements is ["system", var name, ..] && name.Contains("receptionist", StringComparison.OrdinalIgnoreCase);
}
