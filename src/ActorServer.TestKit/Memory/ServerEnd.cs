using System.Collections;
using System.IO.Pipelines;
using System.Net;
using ActorServer.Kestrel;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace ActorServer.TestKit;

/// <summary>The server's end of a connection over an <see cref="InMemoryTransport"/>: what Kestrel accepts.</summary>
/// <remarks>Purposefully its own features, pipe and lock in one: a million of them is to fit in memory.</remarks>
internal sealed class ServerEnd : ConnectionContext, IDuplexPipe, IFeatureCollection, IConnectionIdFeature, IConnectionTransportFeature,
    IConnectionItemsFeature, IConnectionLifetimeFeature, IConnectionEndPointFeature, IUnreadInputFeature
{
    private static readonly PipeOptions Options = new(useSynchronizationContext: false);

    private readonly CancellationTokenSource _closed = new();
    private readonly SeenInput _input;
    private readonly PipeWriter _inputWriter;
    private volatile KeyValuePair<Type, object>[] _others = [];
    private IDictionary<object, object?>? _items;
    private long _sent;
    private int _revision;
    private int _peerEnded;
    private bool _disposed;

    public ServerEnd(string id, EndPoint local, EndPoint remote)
    {
        Pipe input = new(Options), output = new(Options);
        (_input, _inputWriter, Output) = (new(input.Reader), input.Writer, output.Writer);
        (ConnectionId, LocalEndPoint, RemoteEndPoint) = (id, local, remote);
        (Transport, ConnectionClosed) = (this, _closed.Token);
        Client = new(this, output.Reader, input.Writer);
    }

    public InMemoryConnection Client { get; }

    public override string ConnectionId { get; set; }

    public override EndPoint? LocalEndPoint { get; set; }

    public override EndPoint? RemoteEndPoint { get; set; }

    public override CancellationToken ConnectionClosed { get; set; }

    public override IDuplexPipe Transport { get; set; }

    public override IFeatureCollection Features => this;

    public override IDictionary<object, object?> Items
    {
        get => _items ??= new ConnectionItems();
        set => _items = value;
    }

    public PipeReader Input => _input;

    public PipeWriter Output { get; }

    public bool HasUnread => Volatile.Read(ref _sent) != _input.Seen;

    public bool HasEnded => Volatile.Read(ref _peerEnded) != 0;

    bool IFeatureCollection.IsReadOnly => false;

    int IFeatureCollection.Revision => _revision;

    public object? this[Type key]
    {
        get
        {
            foreach (var (type, feature) in _others)
            {
                if (type == key)
                {
                    return feature;
                }
            }

            return key.IsInstanceOfType(this) ? this : null;
        }

        set
        {
            // Copied: the connection's actor reads them while Kestrel adds its own.
            KeyValuePair<Type, object>[] others = [.. _others.Where(o => o.Key != key)];
            _others = value is null ? others : [.. others, new(key, value)];
            _revision++;
        }
    }

    public TFeature? Get<TFeature>() => (TFeature?)this[typeof(TFeature)];

    public void Set<TFeature>(TFeature? instance) => this[typeof(TFeature)] = instance;

    public IEnumerator<KeyValuePair<Type, object>> GetEnumerator() => ((IEnumerable<KeyValuePair<Type, object>>)_others).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The client sends bytes. One at a time.</summary>
    public void Sent(int count) => Volatile.Write(ref _sent, _sent + count);

    /// <summary>The client has ended its side, or reset.</summary>
    public void OnPeerEnded()
    {
        if (Interlocked.Exchange(ref _peerEnded, 1) == 0)
        {
            // On the pool: what waits for the token is the server's, and not to run within its client.
            ThreadPool.UnsafeQueueUserWorkItem(static end => end.CancelClosed(), this, preferLocal: false);
        }
    }

    public override void Abort(ConnectionAbortedException abortReason)
    {
        lock (this)
        {
            if (_disposed)
            {
                return;
            }

            _inputWriter.Complete(abortReason);
            Client.OnServerCut();
        }

        ThreadPool.UnsafeQueueUserWorkItem(static end => end.CancelClosed(), this, preferLocal: false);
    }

#pragma warning disable CA2215 // The base has nothing to dispose.
    public override ValueTask DisposeAsync()
#pragma warning restore CA2215
    {
        lock (this)
        {
            _disposed = true;
        }

        _input.Complete();
        Output.Complete();
        CancelClosed();
        return ValueTask.CompletedTask;
    }

    private void CancelClosed()
    {
        try
        {
            _closed.Cancel();
        }
        catch (AggregateException)
        {
            // Whatever waits for the connection's end and throws concerns only itself, as with Kestrel's own transport.
        }
    }
}
