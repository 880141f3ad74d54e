using ActorServer.Core;

namespace ActorServer.Kestrel;

/// <summary>Writes the lines of requests that are over, on a thread of its own: a sink that blocks delays no request.</summary>
internal sealed class AccessWriter(IAccessSink sink, int bufferMax, DropTeller drops) : IDisposable
{
    // So that lines go out in blocks, and a busy server wakes the thread ten times a second instead of at each request.
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(100);

    // What a sink that does not write any more may take at the end.
    private static readonly TimeSpan FlushWait = TimeSpan.FromSeconds(2);

    private readonly AccessQueue _queue = new(bufferMax);
#pragma warning disable CA2213 // Purposefully left to the collector: a handler that ends after the host still sets them.
    private readonly AutoResetEvent _news = new(false);
    private readonly AutoResetEvent _hurry = new(false);
#pragma warning restore CA2213
    private readonly Lock _lock = new();
    private List<TaskCompletionSource> _flushes = [];
    private Thread? _thread;
    private volatile bool _ending;

    /// <summary>What has become of the lines so far.</summary>
    public AccessLogCounts Counts => new(sink.Written, drops.Count);

    /// <summary>A request is over. Never waits.</summary>
    public void Add(LoggedRequest request)
    {
        if (!_queue.TryAdd(request, out var isFirst))
        {
            Drop();
        }
        else if (isFirst)
        {
            _news.Set();
        }
    }

    /// <summary>Whether a line may be added at all. If not it is counted as lost, and nobody need make it.</summary>
    public bool HasRoom()
    {
        var room = !_queue.IsFull;
        if (!room)
        {
            Drop();
        }

        return room;
    }

    /// <summary>Has everything written that was added before.</summary>
    public Task FlushAsync()
    {
        TaskCompletionSource flush = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _flushes.Add(flush);
        }

        _hurry.Set();
        _news.Set();
        return flush.Task;
    }

    /// <summary>As above, but not longer than a sink that writes at all would take.</summary>
    public Task FlushAsync(CancellationToken cancellationToken)
        => Task.WhenAny(FlushAsync(), Task.Delay(FlushWait, TimeProvider.System, cancellationToken));

    /// <summary>Opens the sink, and begins.</summary>
    public void Start()
    {
        sink.Open();
        _thread = new(Run) { IsBackground = true, Name = "access log" };
        _thread.Start();
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
        if (_thread is not { } thread)
        {
            sink.Dispose();
            return;
        }

        _thread = null;
        _ending = true;
        _hurry.Set();
        _news.Set();
        // A thread that is stuck in its sink keeps it; the process's end takes both.
        if (thread.Join(FlushWait))
        {
            sink.Dispose();
        }
    }

    private void Drop() => drops.Add(1, "the buffer is full");

    private void OnProcessExit(object? sender, EventArgs args) => FlushAsync().Wait(FlushWait);

    private void Run()
    {
        bool ending;
        do
        {
            _news.WaitOne();
            _hurry.WaitOne(Linger);
            // Before the lines are taken: what was added before the end, or before a flush was asked for, is among them.
            ending = _ending;
            var flushes = TakeFlushes();
            Write(_queue.Take());
            foreach (var flush in flushes)
            {
                flush.SetResult();
            }
        }
        while (!ending);
    }

    private void Write(ReadOnlySpan<LoggedRequest> requests)
    {
        var before = sink.Written;
        string? reason = null;
        try
        {
            sink.Write(requests);
        }
#pragma warning disable CA1031 // Whatever a disk or a logger throws costs lines, and nothing else.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            reason = exception.Message;
        }

        drops.Add(requests.Length - (sink.Written - before), reason);
    }

    private List<TaskCompletionSource> TakeFlushes()
    {
        lock (_lock)
        {
            var flushes = _flushes;
            _flushes = [];
            return flushes;
        }
    }
}
