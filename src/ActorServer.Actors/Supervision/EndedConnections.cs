namespace ActorServer.Actors;

/// <summary>The last connections that ended: a gone connection is answered for, not forgotten at once.</summary>
internal sealed class EndedConnections
{
    /// <summary>How many are remembered.</summary>
    public const int Capacity = 1024;

    private readonly Dictionary<string, ConnectionCell> _byId = [];
    private readonly Queue<ConnectionCell> _inOrder = [];
    private long _forgotten;

    public bool TryGet(string id, out ConnectionCell cell) => _byId.TryGetValue(id, out cell!);

    public void Add(ConnectionCell cell)
    {
        if (!_byId.TryAdd(cell.Id, cell))
        {
            return;
        }

        cell.Retire();
        _inOrder.Enqueue(cell);
        if (_inOrder.Count > Capacity)
        {
            _byId.Remove(_inOrder.Dequeue().Id);
            _forgotten++;
        }
    }

    /// <summary>Those remembered from a place in the order of ends on, the first to end first.</summary>
    public IEnumerable<(long Place, ConnectionCell Cell)> From(long place)
        => _inOrder.Select((cell, i) => (_forgotten + i, cell)).SkipWhile(entry => entry.Item1 < place);
}
