using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using ActorServer.Actors;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace ActorServer.Kestrel;

/// <summary>
/// One accepted connection: passes everything through between Kestrel and its transport, writes into the cell what happens,
/// and does what the connection's actor says.
/// </summary>
internal sealed partial class TrackedConnection : ConnectionDecorator, ITransport
{
    private readonly ConnectionContext _inner;
    private readonly ListenerGate _gate;
    private readonly CountingPipe _pipe;
    private readonly Places.Place? _place;
    private IDuplexPipe _transport;
    private IConnectionLifetimeNotificationFeature? _lifetime;
    private volatile bool _bornAnnounced;
    private volatile bool _announced;
    private volatile SslStream? _tls;
    private volatile QuietPipe? _quiet;
    private bool _peerClosed;
    private volatile bool _closing;
    private int _disposed;
    private ConnectionDrain? _drain;

    private TrackedConnection(ConnectionContext inner, ListenerGate gate, TimeProvider time, Places.Place? place)
        : base(inner)
    {
        Time = time;
        _place = place;
        _inner = inner;
        _gate = gate;
        _announced = _bornAnnounced = gate.Announcing;
        _transport = _pipe = new CountingPipe(inner.Transport, inner.Features);
        inner.Transport = _pipe;
        inner.Features.Set(this);
    }

    public ConnectionCell Cell { get; private set; } = null!;

    public TimeProvider Time { get; }

    /// <summary>Who is told when the connection is to go. Made when somebody wants to know: most connections never do.</summary>
    public ConnectionDrain Drain
    {
        get
        {
            if (_drain is { } drain)
            {
                return drain;
            }

            Interlocked.CompareExchange(ref _drain, new(), null);
            // After it can be seen: an announcement that came just before is not missed.
            if (_announced)
            {
                _drain.Tell();
            }

            return _drain;
        }
    }

    public string? Protocol { get; private set; }

    public string? Peer => ClosedTransport.Text(RemoteEndPoint);

    public string? Local => ClosedTransport.Text(LocalEndPoint);

    public bool Tls => HasTlsSession || IsTlsEndpoint;

    /// <summary>A TLS handshake has been done.</summary>
    public bool HasTlsSession => _tls is not null;

    public long BytesSent => _pipe.BytesSent;

    public bool PeerClosed => _peerClosed;

    public ITransport Remains => new ClosedTransport(RemoteEndPoint, LocalEndPoint, Protocol, Tls, BytesSent, PeerClosed);

    /// <summary>A drain or an operator has cut it.</summary>
    public bool IsAbortOrdered { get; private set; }

    // UseHttps puts its decrypted pipe here once the handshake is done, and takes it away at the end.
    public override IDuplexPipe Transport
    {
        get => _transport;
        set
        {
            if (ReferenceEquals(value, _pipe) || Features.Get<ISslStreamFeature>() is not { } tls)
            {
                _transport = value;
                return;
            }

            _tls = tls.SslStream;
            _transport = _tls.NegotiatedApplicationProtocol == SslApplicationProtocol.Http2
                ? new GoodbyePipe(value, _tls, this)
                : _quiet = new QuietPipe(value, _tls, this);
        }
    }

    /// <summary>Half a record of TLS has been read: a request is arriving that nobody else knows of.</summary>
    public bool IsMidRecord => _gate.LooksForUnread && _pipe.Records.IsMidRecord;

    /// <summary>Its actor has closed it, politely.</summary>
    public bool IsClosing => _closing;

    /// <summary>Bytes that have come at the last moment are looked for.</summary>
    public bool LooksForUnread => _gate.LooksForUnread;

    private bool IsTlsEndpoint => Features.Get<ISslStreamFeature>() is not null;

    /// <summary>A connection has come in: it is reported, and given to Kestrel without waiting for its actor.</summary>
    public static TrackedConnection Accept(ConnectionContext inner, ActorServerNode node, ListenerGate gate, Places.Place? place)
    {
        var connection = new TrackedConnection(inner, gate, node.Time, place);
        connection.Cell = node.Accept(inner.ConnectionId, connection);
        return connection;
    }

    /// <summary>A connection has come in beyond a limit: it is reported, and closed.</summary>
    public static ValueTask RefuseAsync(ConnectionContext inner, ActorServerNode node, ListenerGate gate)
    {
        var connection = Accept(inner, node, gate, place: null);
        connection.Cell.Rejected();
        return connection.DisposeAsync();
    }

    /// <summary>Kestrel has put its own features on the connection.</summary>
    public void TakenOver() => _lifetime = Features.Get<IConnectionLifetimeNotificationFeature>();

    /// <summary>The peer has gone. Once seen it is remembered: after our own end nobody can tell who was first.</summary>
    public bool SeesPeerGone() => _closing
        ? _peerClosed
        : _peerClosed |= ConnectionClosed.IsCancellationRequested || _pipe.Records.HasEnded || SeesEndOfStream();

    public void Announce()
    {
        _announced = true;
        // Either this sees who wants to know, or whoever wants to know sees the announcement.
        Interlocked.MemoryBarrier();
        Volatile.Read(ref _drain)?.Tell();
    }

    public void Withdraw()
    {
        // In the next drain it is an old one.
        _announced = _bornAnnounced = false;
        Volatile.Read(ref _drain)?.Withdraw();
    }

    public bool TryRequestClose()
    {
        if (Cell.Activity.IsUpgraded)
        {
            // Not HTTP any more: unread bytes are no request, and the end is the application's, or the goodbye's.
            Announce();
            RequestClose();
            return true;
        }

        // Who was first is settled now, too: a peer that is told may well be gone before our own end.
        var sight = LastLook.At(Features);
        if ((_gate.LooksForUnread && sight == Sight.Unread) || (_quiet is { } quiet && (!quiet.AwaitsRequest || IsMidRecord)))
        {
            // A request is arriving, or the last one is not quite over.
            return false;
        }

        _peerClosed |= sight == Sight.Ended || ConnectionClosed.IsCancellationRequested || _pipe.Records.HasEnded;
        _closing = true;
        if (_tls is null && IsTlsEndpoint)
        {
            // Kestrel would wait for the handshake. The peer has sent no request, so nothing is lost.
            _inner.Abort(new ConnectionAbortedException("The connection was closed before its TLS handshake was done."));
            return true;
        }

        RequestClose();
        return true;
    }

    void ITransport.Abort(string reason)
    {
        IsAbortOrdered = true;
        _inner.Abort(new ConnectionAbortedException(reason));
    }
}
