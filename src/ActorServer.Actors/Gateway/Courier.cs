using Akka.Actor;
using Wire = ActorServer.Core.Wire;

namespace ActorServer.Actors;

/// <summary>A request for another node.</summary>
/// <param name="Request">The request.</param>
/// <param name="Asker">Who is to be told the answers.</param>
/// <param name="Node">The node that the request came to.</param>
/// <param name="Cluster">Where the node it is for may be; null without a cluster.</param>
internal sealed record Errand(Wire.IWireRequest Request, IActorRef Asker, string Node, IClusterView? Cluster);

/// <summary>Finds the node that a request is for, brings it there, and brings the answers back.</summary>
/// <remarks>Hears: names and answers of other nodes' gateways. Tells: those gateways; the asker; its own gateway, when that is the
/// only one of the name. Dies: with the last answer, with the asker, or when the other node is lost or does not answer in time.</remarks>
internal sealed class Courier(Errand errand) : UntypedActor, IWithTimers
{
    // Names are told at once: whoever takes longer cannot be reached.
    private static readonly TimeSpan FindWait = TimeSpan.FromSeconds(3);

    // What is read may be told by one of two of a name, if the other takes longer than this: that changes nothing.
    private static readonly TimeSpan NamesakeWait = TimeSpan.FromMilliseconds(250);

    // Longer than a node takes to say that its own actors do not answer.
    private static readonly TimeSpan AnswerWait = TimeSpan.FromSeconds(15);

    // Nobody says that a member of a cluster is dead while nobody downs it: it is looked after, and given some time to come back.
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);
    private const int LostLooks = 10;

    // Every actor system that others reach has it.
    private const string Watcher = "remote-watcher";

    private readonly Dictionary<ActorPath, (string Node, IActorRef Gateway)> _found = [];
    private readonly HashSet<ActorPath> _doors = [];
    private readonly HashSet<string> _nobody = [];
    private IReadOnlyList<ClusterPeer> _others = [];
    private IActorRef? _other;
    private int _lostLooks;

    public ITimerScheduler Timers { get; set; } = null!;

    // By name, or by the identity of a connection, which begins with the name of its node.
    private string? Id => (errand.Request as Wire.GetConnection)?.Id ?? (errand.Request as Wire.CloseConnection)?.Id;

    private IEnumerable<string> Names => _found.Values.Select(static found => found.Node).Distinct();

    // It came to the node that it names, and may be meant for another of that name.
    private bool IsForOwn => errand.Request.Node == errand.Node;

    private bool IsLasting => errand.Request is Wire.Drain or Wire.Leave or Wire.SubscribeToDrain;

    protected override void PreStart()
    {
        if (!IsForOwn)
        {
            // Purposefully not where the node itself may be meant: who sends a change need not wait for what becomes of it.
            Context.Watch(errand.Asker);
        }

        Timers.StartSingleTimer(nameof(FindWait), nameof(FindWait), FindWait);
        _others = errand.Cluster?.Others ?? [];
        foreach (var other in _others.Where(static o => o.IsReachable))
        {
            var door = new RootActorPath(other.Address) / "user" / ActorServerNode.GatewayName;
            _doors.Add(door);
            Context.ActorSelection(door).Tell(new Wire.Hello());
            // Akka itself answers where nobody does: a member of the cluster need not be a node. It does so here too, for one that it
            // has no connection with: the second answer comes from there.
            Context.ActorSelection(door).Tell(new Identify(other.Address.ToString()));
            Context.ActorSelection(new RootActorPath(other.Address) / "system" / Watcher).Tell(new Identify(Watcher));
        }

        if (_doors.Count == 0)
        {
            Choose();
        }
    }

    protected override void PostStop()
    {
        if (IsForOwn)
        {
            Context.Parent.Tell(CheckOver.Instance);
        }
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Wire.Here here when _other is null && _doors.Contains(Sender.Path):
                _found[Sender.Path] = (here.Node, Sender);
                if (here.Node == errand.Request.Node && errand.Request is not Wire.IWireChange)
                {
                    Timers.StartSingleTimer(nameof(FindWait), nameof(FindWait), NamesakeWait);
                }

                ChooseOfAll();
                break;
            case ActorIdentity { Subject: null, MessageId: string address }:
                _nobody.Add(address);
                break;
            case ActorIdentity { Subject.Path: { Name: Watcher, Address: var address } } when _other is null && _nobody.Contains(address.ToString()):
                _doors.RemoveWhere(door => door.Address == address);
                ChooseOfAll();
                break;
            case ActorIdentity:
                // Where there is a node, it says its name.
                break;
            case Wire.Here:
                // Late mail is normal here: the one that was looked for has been found. Who was not asked is not heard.
                break;
            case nameof(FindWait) when _other is null:
                Choose();
                break;
            case nameof(LookInterval):
                Look();
                break;
            case nameof(AnswerWait):
                End(Refusal(Wire.RefusalCode.Unreachable, $"Node {errand.Request.Node} does not answer."));
                break;
            case Wire.UnsubscribeFromDrain when _other is null:
                // Nobody has been asked yet.
                End(new Wire.Unsubscribed(errand.Request.Node!));
                break;
            case Wire.UnsubscribeFromDrain unsubscribe:
                _other.Tell(unsubscribe);
                Timers.StartSingleTimer(nameof(AnswerWait), nameof(AnswerWait), AnswerWait);
                break;
            case Wire.IWireAnswer answer when Sender.Equals(_other):
                Bring(answer);
                break;
            case Terminated gone when gone.ActorRef.Equals(_other):
                Lose();
                break;
            case Terminated:
                Context.Stop(Self);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void ChooseOfAll()
    {
        // Another may be called the same.
        if (_doors.All(_found.ContainsKey))
        {
            Choose();
        }
    }

    private void Choose()
    {
        var name = errand.Request.Node
            ?? Names.Where(n => Id!.StartsWith(n + "-", StringComparison.Ordinal)).MaxBy(static n => n.Length);
        var namesakes = _found.Values.Where(found => found.Node == name).Select(static found => found.Gateway).ToList();
        var addresses = namesakes.Select(static n => n.Path.Address).ToList();
        if (IsForOwn)
        {
            addresses.Add(((ExtendedActorSystem)Context.System).Provider.DefaultAddress);
        }

        if (addresses.Count > 1)
        {
            var all = string.Join(", ", addresses.Select(static a => a.ToString()).Order(StringComparer.Ordinal));
            End(Refusal(
                Wire.RefusalCode.NodeNotNamed,
                $"{addresses.Count} nodes are called {name}: {all}. Ask the one you mean at its own address, without its name."));
            return;
        }

        if (IsForOwn)
        {
            Context.Parent.Tell(new NoNamesake((Wire.IWireChange)errand.Request), errand.Asker);
            Context.Stop(Self);
            return;
        }

        if (namesakes is [var only] && name is not null)
        {
            _other = only;
            Timers.Cancel(nameof(FindWait));
            Timers.StartSingleTimer(nameof(AnswerWait), nameof(AnswerWait), AnswerWait);
            Context.Watch(_other);
            _other.Tell(errand.Request.At(name));
            return;
        }

        var missing = _others.Where(static o => !o.IsReachable).Select(static o => o.Address)
            .Concat(_doors.Where(door => !_found.ContainsKey(door)).Select(static door => door.Address)).Select(static a => a.ToString()).ToList();
        End(missing.Count > 0
            ? Refusal(
                Wire.RefusalCode.Unreachable,
                $"{What()}, and {missing.Count} of the cluster's {_others.Count + 1} members cannot be reached: {string.Join(", ", missing)}.")
            : Id is { } id && errand.Request.Node is null
                ? new Wire.Gone(errand.Node, id, EndReason: null)
                : Refusal(Wire.RefusalCode.UnknownNode, $"{What()}; known here: {string.Join(", ", Names.Append(errand.Node).Order())}."));
    }

    private string What() => errand.Request.Node is { } name ? $"No node {name} is found" : $"No node of connection {Id} is found";

    private void Bring(Wire.IWireAnswer answer)
    {
        if (IsLasting && answer is Wire.DrainAccepted or Wire.Subscribed or Wire.DrainProgress
            || (answer is Wire.DrainCompleted && errand.Request is Wire.SubscribeToDrain))
        {
            Timers.Cancel(nameof(AnswerWait));
            if (!Timers.IsTimerActive(nameof(LookInterval)))
            {
                Timers.StartPeriodicTimer(nameof(LookInterval), nameof(LookInterval), LookInterval);
            }

            errand.Asker.Tell(answer);
        }
        else
        {
            End(answer);
        }
    }

    private void Look()
    {
        _lostLooks = errand.Cluster!.Others.Any(o => o.IsReachable && o.Address == _other!.Path.Address) ? 0 : _lostLooks + 1;
        if (_lostLooks == LostLooks)
        {
            Lose();
        }
    }

    private void Lose() => End(Refusal(Wire.RefusalCode.Unreachable, $"Node {errand.Request.Node} has been lost."));

    private void End(Wire.IWireAnswer last)
    {
        errand.Asker.Tell(last);
        Context.Stop(Self);
    }

    private Wire.Refused Refusal(Wire.RefusalCode code, string message) => new(errand.Node, code, message);
}
