namespace ActorServer.Kestrel;

/// <summary>Tells what is under way on one connection that it is to go: drain tokens, and WebSockets.</summary>
#pragma warning disable CA1001 // A source without timer or wait handle has nothing to dispose.
internal sealed class ConnectionDrain
#pragma warning restore CA1001
{
    private readonly Lock _lock = new();
    private readonly List<WeakReference<WebSocketGoodbye>> _goodbyes = [];
    private CancellationTokenSource _source = new();
    private bool _told;

    /// <summary>Fires when the connection is to go; at once when it has been told already.</summary>
    public CancellationToken Token
    {
        get
        {
            lock (_lock)
            {
                return _source.Token;
            }
        }
    }

    /// <summary>A WebSocket has been opened. One that comes late is told at once.</summary>
    public void Register(WebSocketGoodbye goodbye)
    {
        lock (_lock)
        {
            _goodbyes.RemoveAll(static g => !g.TryGetTarget(out _));
            _goodbyes.Add(new(goodbye));
            if (!_told)
            {
                return;
            }
        }

        Say(goodbye);
    }

    /// <summary>The connection is to go.</summary>
    public void Tell()
    {
        List<WebSocketGoodbye> goodbyes = [];
        CancellationTokenSource source;
        lock (_lock)
        {
            if (_told)
            {
                return;
            }

            _told = true;
            source = _source;
            foreach (var reference in _goodbyes)
            {
                if (reference.TryGetTarget(out var goodbye))
                {
                    goodbyes.Add(goodbye);
                }
            }
        }

        // On the pool: the application's callbacks may block or throw, and the caller is the connection's actor.
        ThreadPool.UnsafeQueueUserWorkItem(static source => Fire(source), source, preferLocal: false);
        goodbyes.ForEach(Say);
    }

    /// <summary>The drain was called off: what comes from now on is not told.</summary>
    public void Withdraw()
    {
        lock (_lock)
        {
            if (_told)
            {
                (_told, _source) = (false, new());
            }
        }
    }

    private static void Fire(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (AggregateException)
        {
            // The application's own callbacks threw; all of them have run.
        }
    }

    private static void Say(WebSocketGoodbye goodbye)
        => ThreadPool.UnsafeQueueUserWorkItem(static g => g.Say(), goodbye, preferLocal: false);
}
