using ActorServer.Core;
using Akka.Actor;

namespace ActorServer.Actors;

/// <summary>
/// Where the front end and a connection's actor meet. The front end writes what happens on the wire; the actor reads it,
/// decides, and publishes the connection's state, which anybody may read.
/// </summary>
/// <remarks>It outlives its actor: a successor goes on from what is written here.</remarks>
public sealed class ConnectionCell
{
    private readonly Home _home;

    // What it is locked with, too: every connection has one, and a lock of its own would be another object.
    private readonly RunningRequests _running = new();
    private readonly long _acceptedTicks;
    private ulong _word;
    private long _answered;
    private int _told;
    private int _reported;
    private long _agedTicks;
    private bool _introduced;
    private volatile IActorRef? _owner;
    private Timeline _timeline;

    internal ConnectionCell(string connectionId, Home home, ITransport transport)
    {
        Id = $"{home.Node}-{connectionId}";
        _home = home;
        Transport = transport;
        var now = home.Time.GetUtcNow();
        _acceptedTicks = now.UtcTicks;
        _timeline.Add(ConnectionState.New, now);
    }

    /// <summary>The connection's identity.</summary>
    public string Id { get; }

    /// <summary>The state its actor has published.</summary>
    public ConnectionState State => _timeline.Last.State;

    /// <summary>What has happened on the wire so far.</summary>
    public Activity Activity => new(Volatile.Read(ref _word));

    /// <summary>Requests begun so far.</summary>
    public long Requests => Answered + Activity.InFlight;

    internal ITransport Transport { get; private set; }

    internal DateTimeOffset AcceptedAt => new(_acceptedTicks, TimeSpan.Zero);

    internal long Answered => Volatile.Read(ref _answered);

    internal EndReason? EndReason { get; private set; }

    // What the actor has made of the connection; written by it alone.
    internal Connection Machine { get; set; } = Connection.Accepted;

    internal Activity Seen { get; set; }

    internal CloseOrder? CloseOrder { get; set; }

    internal EndReason? AbortedBy { get; set; }

    internal bool CloseRequested { get; set; }

    // Since when it is to go for its age. A word, for what every connection has must be small.
    internal DateTimeOffset? AgedAt
    {
        get => _agedTicks == 0 ? null : new(_agedTicks, TimeSpan.Zero);
        set => _agedTicks = value?.UtcTicks ?? 0;
    }

    // From 0 to 1, the same at every reading: strings are hashed with a seed of the process's own.
    internal double Lot => (double)(uint)Id.GetHashCode(StringComparison.Ordinal) / uint.MaxValue;

    // In a drain the supervisor says when its actor ends, so that nobody's close waits for another's actor.
    internal bool IsLetGo => Machine.Draining;

    internal DateTimeOffset StateSince => _timeline.Last.At;

    // The state that its present one, or its end, followed.
    internal TimelineEntry? BeforeLast => _timeline.BeforeLast;

    // Since when it holds a drain up: its longest request in flight, or its state.
    internal DateTimeOffset HeldSince
    {
        get
        {
            if (Activity.InFlight == 0)
            {
                // Most of many.
                return StateSince;
            }

            lock (_running)
            {
                return _running.Since ?? StateSince;
            }
        }
    }

    internal IActorRef? Owner => _owner;

    // The supervisor's own marks: the state under which it counts this connection, and its place in the order of accepts.
    internal ConnectionState Counted { get; set; }

    internal long Sequence { get; set; }

    /// <summary>A request has been read.</summary>
    /// <param name="request">What stands for it; given again at its end.</param>
    /// <param name="method">Its method.</param>
    /// <param name="path">Its path.</param>
    public void RequestStarted(object request, string method, string path)
    {
        lock (_running)
        {
            _running.Add(request, method, path, _home.Time.GetUtcNow());
            _word = Activity.Started().Word;
        }

        Notify();
    }

    /// <summary>A request is over.</summary>
    /// <param name="request">What stood for it at its start.</param>
    /// <param name="keepAlive">Another may follow on this connection.</param>
    public void RequestEnded(object request, bool keepAlive)
    {
        lock (_running)
        {
            if (_running.Remove(request))
            {
                _answered++;
                _home.Answered.Increment();
                _word = Activity.Ended(keepAlive).Word;
            }
        }

        Notify();
    }

    /// <summary>The connection has left HTTP.</summary>
    public void Upgraded() => Write(static a => a.Upgraded());

    /// <summary>The server refused a request before the application saw it.</summary>
    public void Refused() => Write(static a => a.Refused());

    /// <summary>The server or the application cut the connection.</summary>
    public void Aborted() => Write(static a => a.Aborted());

    /// <summary>The peer has been told, outside a response, that the connection ends (HTTP/2's GOAWAY).</summary>
    public void Announced() => Write(static a => a.Announced());

    /// <summary>The peer of an upgraded connection was told goodbye, and did not answer in time.</summary>
    public void Unanswered() => Write(static a => a.Unanswered());

    /// <summary>The connection was turned away at a limit.</summary>
    public void Rejected() => Write(static a => a.Rejected());

    /// <summary>The socket is gone.</summary>
    public void Closed()
    {
        lock (_running)
        {
            _running.Clear();
            _word = Activity.Closed().Word;
        }

        Notify();
    }

    /// <summary>What is known of the connection now.</summary>
    public ConnectionSnapshot Snapshot()
    {
        CurrentRequest[] requests;
        int inFlight;
        lock (_running)
        {
            inFlight = Activity.InFlight;
            requests = inFlight == 0 ? [] : _running.ToArray();
        }

        var timeline = _timeline.ToArray();
        var last = timeline[^1];
        return new(
            Id, _home.Node, last.State, Machine.Draining, Transport.Peer, Transport.Local, Transport.Protocol, Transport.Tls,
            AcceptedAt, last.At, Answered, inFlight, requests, Transport.BytesSent, timeline,
            last.State == ConnectionState.Closed ? EndReason : null);
    }

    /// <summary>Gives the connection to an actor. What it has missed is already written; it reads it when it starts.</summary>
    internal void Assign(IActorRef owner) => _owner = owner;

    // True once: its observers are told of it by its first actor, not by a successor.
    internal bool Introduce() => !_introduced && (_introduced = true);

    // Before the actor reads, so that whatever is written after its reading is told again.
    internal void Heard() => Interlocked.Exchange(ref _told, 0);

    internal void Publish(ConnectionState state, DateTimeOffset at)
    {
        if (state == ConnectionState.Closed)
        {
            EndReason = new ConnectionEnd(Activity, AbortedBy, CloseRequested, Transport.PeerClosed).Reason;
        }

        _timeline.Add(state, at);
    }

    // Whoever remembers the connection is not to keep its buffers.
    internal void Retire() => Transport = Transport.Remains;

    // The supervisor needs one message for any number of changes it has not looked at yet.
    internal bool ShouldReport() => Interlocked.Exchange(ref _reported, 1) == 0;

    internal void Reported() => Interlocked.Exchange(ref _reported, 0);

    private void Write(Func<Activity, Activity> change)
    {
        lock (_running)
        {
            _word = change(Activity).Word;
        }

        Notify();
    }

    private void Notify()
    {
        // Without an owner nothing is lost: it reads everything when it takes over.
        if (_owner is { } owner && Interlocked.Exchange(ref _told, 1) == 0)
        {
            owner.Tell(Look.Instance, ActorRefs.NoSender);
        }
    }

    /// <summary>What all connections of a node share.</summary>
    internal sealed record Home(string Node, TimeProvider Time, RequestTally Answered);
}
