namespace ActorServer.Kestrel;

/// <summary>Something under way on a connection that is told when the connection is to go.</summary>
internal interface IDrainListener
{
    /// <summary>The connection is to go. Called on the pool: it may block or run the application's code.</summary>
    void Tell();
}

/// <summary>Tells what is under way on one connection that it is to go: drain tokens, and WebSockets.</summary>
internal sealed class ConnectionDrain
{
    private readonly Lock _lock = new();
    private readonly List<IDrainListener> _listeners = [];
    private bool _told;

    /// <summary>A request wants to be told, until it is over.</summary>
    /// <returns>True when the connection has been told already: it will not be told again for this one.</returns>
    public bool Register(IDrainListener listener)
    {
        lock (_lock)
        {
            _listeners.Add(listener);
            return _told;
        }
    }

    /// <summary>The listener's request is over.</summary>
    public void Remove(IDrainListener listener)
    {
        lock (_lock)
        {
            _listeners.Remove(listener);
        }
    }

    /// <summary>The connection is to go.</summary>
    public void Tell()
    {
        IDrainListener[] listeners;
        lock (_lock)
        {
            if (_told)
            {
                return;
            }

            _told = true;
            listeners = [.. _listeners];
        }

        foreach (var listener in listeners)
        {
            // Each by itself, on the pool: the application's callbacks may block, and the caller is the connection's actor.
            ThreadPool.UnsafeQueueUserWorkItem(static l => l.Tell(), listener, preferLocal: false);
        }
    }

    /// <summary>The drain was called off: what comes from now on is not told.</summary>
    public void Withdraw()
    {
        lock (_lock)
        {
            _told = false;
        }
    }
}
