using ActorServer.Core;

namespace ActorServer.Actors;

/// <summary>The last connections that ended: a gone connection is answered for, not forgotten at once.</summary>
internal sealed class EndedConnections
{
    /// <summary>How many are remembered.</summary>
    public const int Capacity = 1024;

    private readonly Dictionary<string, ConnectionSnapshot> _byId = [];
    private readonly Queue<ConnectionSnapshot> _inOrder = [];

    /// <summary>Those remembered, the first to end first.</summary>
    public IEnumerable<ConnectionSnapshot> InOrder => _inOrder;

    public bool TryGet(string id, out ConnectionSnapshot snapshot) => _byId.TryGetValue(id, out snapshot!);

    public void Add(ConnectionSnapshot snapshot)
    {
        if (!_byId.TryAdd(snapshot.Id, snapshot))
        {
            return;
        }

        _inOrder.Enqueue(snapshot);
        if (_inOrder.Count > Capacity)
        {
            _byId.Remove(_inOrder.Dequeue().Id);
        }
    }
}
