using System.Net;
using ActorServer.Actors;
using ActorServer.Core;

namespace ActorServer.Kestrel;

/// <summary>Counts the node's connections, in all and by peer, and tells those that wait when there may be a place.</summary>
internal sealed class Places
{
    private readonly ActorServerNode _node;
    private readonly KeepAliveHeader _keepAlive;
    private readonly Lock _lock = new();
    // Kept whether there is a limit or not: one may be set at any time.
    private readonly Dictionary<PeerKey, Peer> _peers = [];
    private TaskCompletionSource? _change;
    private int _live;

    public Places(ActorServerNode node, KeepAliveHeader keepAlive)
    {
        (_node, _keepAlive) = (node, keepAlive);
        node.LimitsChanged += Wake;
    }

    public LimitSettings Limits => _node.Limits;

    /// <summary>Null when one more may come; otherwise what completes when it is time to look again.</summary>
    public Task? WhenMayAccept()
    {
        lock (_lock)
        {
            return Limits.Throttles(_live) ? Change() : null;
        }
    }

    /// <summary>Takes a place for a connection.</summary>
    /// <param name="remote">Its peer.</param>
    /// <param name="isBeyond">It is served whether there is a place for it or not, but for its peer's share.</param>
    /// <returns>The place; or none, and what completes when it is time to look again; or neither, and it is refused.</returns>
    public (Place? Place, Task? Change) Take(EndPoint? remote, bool isBeyond)
    {
        PeerKey? key = remote is IPEndPoint { Address: var address } ? PeerKey.Of(address) : null;
        lock (_lock)
        {
            var peer = key is { } known ? _peers.GetValueOrDefault(known) ?? new(known) : null;
            return Limits.Admit(_live, peer?.Count ?? 0) switch
            {
                Admission.Accept => (Seat(peer), null),
                Admission.Wait when isBeyond => (Seat(peer), null),
                Admission.Wait => (null, Change()),
                Admission.Refuse => (null, null),
            };
        }
    }

    /// <summary>Whoever waits looks again.</summary>
    public void Wake()
    {
        lock (_lock)
        {
            _change?.TrySetResult();
            _change = null;
        }
    }

    private Task Change() => (_change ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private Place Seat(Peer? peer)
    {
        _live++;
        if (peer is not null && peer.Count++ == 0)
        {
            _peers.Add(peer.Key, peer);
        }

        return new(this, peer);
    }

    private void Leave()
    {
        lock (_lock)
        {
            _live--;
        }

        Wake();
    }

    private void Leave(Peer peer)
    {
        lock (_lock)
        {
            if (--peer.Count == 0)
            {
                _peers.Remove(peer.Key);
            }
        }
    }

    /// <summary>A connection's place, until it has gone.</summary>
    internal sealed class Place(Places places, object? peer)
    {
        private int _given;
        private int _gone;

        /// <summary>The limits as they are now.</summary>
        public LimitSettings Limits => places.Limits;

        /// <summary>How long a connection may be idle, where that is to be said.</summary>
        public string? KeepAlive => Limits.AdvertiseKeepAlive ? places._keepAlive.Value : null;

        /// <summary>The connection goes on without a place: somebody else may have it. Harmless when repeated.</summary>
        public void Give()
        {
            if (Interlocked.Exchange(ref _given, 1) == 0)
            {
                places.Leave();
            }
        }

        /// <summary>The connection has gone. Harmless when repeated.</summary>
        public void Leave()
        {
            if (Interlocked.Exchange(ref _gone, 1) == 0)
            {
                if (peer is Peer counted)
                {
                    places.Leave(counted);
                }

                Give();
            }
        }
    }

    private sealed class Peer(PeerKey key)
    {
        public PeerKey Key => key;

        public int Count { get; set; }
    }
}
