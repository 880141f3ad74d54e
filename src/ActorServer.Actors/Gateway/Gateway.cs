using ActorServer.Core;
using Akka.Actor;
using Wire = ActorServer.Core.Wire;

namespace ActorServer.Actors;

/// <summary>The node's address for other processes: hears the wire protocol, and asks the node.</summary>
/// <remarks>Hears: wire messages; word of drains from the node. Tells: the supervisor, through the node; askers, subscribers,
/// couriers. Dies: with the actor system. If it crashes, its successor goes on with the same subscribers.</remarks>
internal sealed class Gateway : UntypedActor, IWithTimers
{
    private readonly ActorServerNode _node;
    private readonly GatewayState _state;
    private readonly GatewayLog _log;
    private readonly Answers _answers;
    private readonly DrainNews _news;
    private readonly Couriers _couriers;
    private readonly Turns _turns;

    public Gateway(ActorServerNode node, GatewayState state, Log log)
    {
        (_node, _state) = (node, state);
        _log = new(log, node.Time);
        _answers = new(node, log);
        _news = new(node.Node, state, _answers, Context, this);
        _couriers = new(node.Node, state);
        _turns = new(state, _couriers, Do);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(static _ => Directive.Stop);

    // Purposefully not the default, which would stop the couriers under way.
    protected override void PreRestart(Exception reason, object message) => _log.Failed(reason);

    protected override void PostRestart(Exception reason) => _news.Recover();

    protected override void OnReceive(object message)
    {
        if (message is IOutcome)
        {
            _state.InFlight--;
        }

        switch (message)
        {
            case Wire.Unreadable unreadable:
                _log.NotUnderstood(unreadable, Sender);
                Sender.Tell(new Wire.NotUnderstood(_node.Node, unreadable.Manifest, unreadable.Problem, Wire.WireCodec.Manifests));
                break;
            case Wire.Hello:
                Sender.Tell(new Wire.Here(_node.Node));
                break;
            case Wire.IWireRequest request:
                Hear(request);
                break;
            case Elsewhere elsewhere:
                Send(elsewhere.Request);
                break;
            case NoNamesake { Change: var meant }:
                _turns.Pass(meant, Sender);
                break;
            case CheckOver:
                _turns.GoOn(Context);
                break;
            case DrainGranted granted:
                Sender.Tell(new Wire.DrainAccepted(_node.Node, granted.Answer.Report!));
                _state.Waiting++;
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
                _news.Begin();
                break;
            case DrainOver over:
                _news.End(over.Report);
                break;
            case ProgressTick:
                _news.Ask();
                break;
            case Progress progress:
                _news.Tell(progress.Drain);
                break;
            case Terminated gone:
                _news.Forget(gone.ActorRef);
                _couriers.Forget(gone.ActorRef);
                break;
            case ClusterEntered entered:
                _state.Cluster = entered.Cluster;
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
        else if (request is Wire.IWireChange { Node: Wire.WireRules.Nobody }
            || (request is Wire.IWireChange { Node: null } and not Wire.CloseConnection && CameFromAnywhere(Sender)))
        {
            Refuse(Wire.RefusalCode.NodeNotNamed, "Which node hears this is left to chance here: name the one you mean.");
        }
        else if (request is Wire.UnsubscribeFromDrain { Node: { } other } && _couriers.TryTake(Sender, other, out var courier))
        {
            courier.Forward(request);
        }
        else if (!IsForAnother(request) && GatewayBounds.Reached(request, Sender, _state) is { } full)
        {
            Busy(full);
        }
        else
        {
            if (request is Wire.IWireChange change)
            {
                // Where it came in too: the node it is for sees the courier only.
                _log.Change(change, _node.Node, Sender);
            }

            if (IsForAnother(request))
            {
                Send(request);
            }
            else if (request is Wire.IWireChange own and not Wire.CloseConnection)
            {
                if (!_turns.TryTake(Context, own, Sender))
                {
                    Busy(GatewayBounds.HeldFull);
                }
            }
            else
            {
                Answer(request, Sender);
            }
        }
    }

    private void Do(Wire.IWireChange change, IActorRef asker)
    {
        if (GatewayBounds.Reached(change, asker, _state) is { } full)
        {
            Busy(full, asker);
        }
        else
        {
            Answer(change, asker);
        }
    }

    private void Answer(Wire.IWireRequest request, IActorRef asker)
    {
        switch (request)
        {
            case Wire.Drain drain:
                Run(_answers.DrainAsync(Wire.WireRules.ToDrain(drain), leave: null), asker);
                break;
            case Wire.Leave when _state.Cluster is null:
                Refuse(Wire.RefusalCode.NoCluster, "This node is in no cluster: drain it, and stop its process.", asker);
                break;
            case Wire.Leave leave:
                Run(_answers.DrainAsync(Wire.WireRules.ToDrain(leave), leave.Reason ?? "told to leave"), asker);
                break;
            case Wire.Down down:
                asker.Tell(Downing.Answer(_node.Node, _state.Cluster, down));
                break;
            case Wire.SubscribeToDrain:
                _news.Add(asker);
                Run(_answers.ToAsync(request), asker);
                break;
            case Wire.UnsubscribeFromDrain:
                _news.Remove(asker);
                asker.Tell(new Wire.Unsubscribed(_node.Node));
                break;
            case Wire.GetConnection { Node: null } or Wire.CloseConnection { Node: null } when _state.Cluster is not null:
                Run(_answers.OrElsewhereAsync(request), asker);
                break;
            default:
                Run(_answers.ToAsync(request), asker);
                break;
        }
    }

    private void Run<T>(Task<T> work, IActorRef asker)
        where T : IOutcome
    {
        _state.InFlight++;
        work.PipeTo(Self, asker);
    }

    private void OnGrantedOver(GrantedDrainOver over)
    {
        _state.Waiting--;
        // A subscriber is told anyway, and once is enough.
        if (!_state.Subscribers.Contains(Sender))
        {
            Sender.Tell(new Wire.DrainCompleted(_node.Node, over.Report));
        }

        if (over.Leave is { } reason && over.Report.Phase != DrainPhase.Cancelled)
        {
            _state.Cluster?.Leave(reason);
        }
    }

    private bool IsForAnother(Wire.IWireRequest request) => request switch
    {
        { Node: { } name } => name != _node.Node,
        Wire.GetConnection get => !IsOwn(get.Id),
        Wire.CloseConnection close => !IsOwn(close.Id),
        _ => false,
    };

    private bool IsOwn(string id) => _state.Cluster is null || id.StartsWith(_node.Node + "-", StringComparison.Ordinal);

    private void Send(Wire.IWireRequest request)
    {
        if (!_couriers.TrySend(Context, request, Sender))
        {
            Busy(GatewayBounds.CouriersFull);
        }
    }

    private void Busy(string full) => Busy(full, Sender);

    private void Busy(string full, IActorRef asker)
    {
        _log.Busy(full, asker);
        Refuse(Wire.RefusalCode.Busy, $"This node is busy: {full}. Nothing is done; try again.", asker);
    }

    private void Refuse(Wire.RefusalCode code, string message) => Refuse(code, message, Sender);

    private void Refuse(Wire.RefusalCode code, string message, IActorRef asker) => asker.Tell(new Wire.Refused(_node.Node, code, message));

    // The receptionist hands a message to any of the nodes, and answers through an actor of its own.
    private static bool CameFromAnywhere(IActorRef sender)
        => sender.Path.Elements is ["system", var name, ..] && name.Contains("receptionist", StringComparison.OrdinalIgnoreCase);
}
