using System.Diagnostics;
using ActorServer.Core;

namespace ActorServer.Actors;

/// <summary>All live connections of a node: by identity, in the order of their accepts, and counted by state.</summary>
internal sealed class ConnectionTable
{
    private readonly Dictionary<string, ConnectionCell> _byId = [];
    private readonly List<(long Sequence, ConnectionCell? Cell)> _inOrder = [];
    private long _sequence;

    public ConnectionCounts Counts { get; private set; }

    public int Count => _byId.Count;

    /// <summary>The live connections, oldest first.</summary>
    public IEnumerable<ConnectionCell> InOrder => From(0).Select(static entry => entry.Cell);

    public bool TryGet(string id, out ConnectionCell cell) => _byId.TryGetValue(id, out cell!);

    /// <summary>Puts a connection in.</summary>
    /// <returns>False when it is here already.</returns>
    public bool TryAdd(ConnectionCell cell)
    {
        if (!_byId.TryAdd(cell.Id, cell))
        {
            return false;
        }

        cell.Sequence = ++_sequence;
        cell.Counted = cell.State;
        Counts = Counts.Add(cell.Counted, 1);
        _inOrder.Add((cell.Sequence, cell));
        return true;
    }

    /// <summary>Counts a connection under a state that it has published.</summary>
    public void Update(ConnectionCell cell, ConnectionState state)
    {
        Counts = Counts.Add(cell.Counted, -1).Add(state, 1);
        cell.Counted = state;
        if (state == ConnectionState.Closed)
        {
            Remove(cell);
        }

        Debug.Assert(Counts.Total == _byId.Count, "Every connection is counted once.");
    }

    /// <summary>Counts anew, after a crash that may have come between two steps.</summary>
    public void Recount()
    {
        ConnectionCounts counts = default;
        foreach (var cell in _byId.Values)
        {
            // As it was counted: whatever it has published since is about to be reported.
            counts = counts.Add(cell.Counted, 1);
        }

        Counts = counts;
    }

    /// <summary>The live connections from a place in the order on, oldest first.</summary>
    public IEnumerable<(long Place, ConnectionCell Cell)> From(long sequence)
    {
        for (var i = IndexOf(sequence); i < _inOrder.Count; i++)
        {
            if (_inOrder[i].Cell is { } cell)
            {
                yield return (cell.Sequence, cell);
            }
        }
    }

    private void Remove(ConnectionCell cell)
    {
        if (!_byId.Remove(cell.Id))
        {
            return;
        }

        _inOrder[IndexOf(cell.Sequence)] = (cell.Sequence, null);
        // Half of it gone: what is left moves together, so that each removal costs the same in the long run.
        if (_inOrder.Count > 64 && _inOrder.Count > 2 * _byId.Count)
        {
            _inOrder.RemoveAll(static entry => entry.Cell is null);
        }
    }

    private int IndexOf(long sequence)
    {
        var (low, high) = (0, _inOrder.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _inOrder[middle].Sequence < sequence ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
