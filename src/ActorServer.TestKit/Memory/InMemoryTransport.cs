using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;

namespace ActorServer.TestKit;

/// <summary>A transport without sockets: clients connect to a real Kestrel within this process, as many as its memory holds.</summary>
/// <remarks>
/// It behaves as TCP over loopback does: a backlog, half-closed connections, resets, and bytes that flow in order and wait for a slow
/// reader. Nothing is lost but by a reset. Thread-safe.
/// </remarks>
public sealed class InMemoryTransport : IConnectionListenerFactory
{
    private const int FirstFreePort = 49152;

    private readonly ConcurrentDictionary<EndPoint, InMemoryListener> _listeners = new();
    private readonly ClientEndPoints _clients = new();
    private int _lastPort = FirstFreePort - 1;
    private long _lastId;

    /// <summary>How many clients wait to be accepted before the next one's connect waits, at each end point: 512.</summary>
    public const int Backlog = 512;

    /// <summary>Where it listens at the moment.</summary>
    public IReadOnlyCollection<EndPoint> Bound => [.. _listeners.Keys];

    /// <summary>Makes it the transport of an application. Call it before AddActorServer.</summary>
    /// <param name="builder">The application's builder.</param>
    public void AddTo(WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        // Kestrel asks the last transport first, and this one takes every end point.
        builder.Services.AddSingleton<IConnectionListenerFactory>(this);
    }

    /// <summary>Begins to listen. Kestrel calls it.</summary>
    /// <param name="endpoint">Where; for port 0 of an address a free one is found.</param>
    /// <param name="cancellationToken">Not needed: it completes at once.</param>
    /// <exception cref="AddressInUseException">Somebody listens there already.</exception>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        if (endpoint is IPEndPoint { Port: 0 } any)
        {
            endpoint = new IPEndPoint(any.Address, Interlocked.Increment(ref _lastPort));
        }

        InMemoryListener listener = new(endpoint, _listeners);
        return _listeners.TryAdd(endpoint, listener)
            ? new(listener)
            : throw new AddressInUseException($"{endpoint} is in use.");
    }

    /// <summary>Connects a client. Completes when the connection is in the server's backlog, accepted or not, as TCP does.</summary>
    /// <param name="endPoint">Where the server listens: as it was bound, or by an address when all addresses were.</param>
    /// <param name="cancellationToken">Stops waiting for room in the backlog.</param>
    /// <returns>The client's end.</returns>
    /// <exception cref="SocketException">Connection refused: nobody listens there.</exception>
    public async ValueTask<InMemoryConnection> ConnectAsync(EndPoint endPoint, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        var listener = Find(endPoint) ?? throw Refused();
        var id = $"M{Interlocked.Increment(ref _lastId):X8}";
        ServerEnd server = new(id, listener.EndPoint, _clients.Next());
        return await listener.TryEnqueueAsync(server, cancellationToken) ? server.Client : throw Refused();
    }

    /// <summary>An HTTP client whose connections are made here.</summary>
    /// <param name="address">Its base address; HTTP/1.1 unless its requests say otherwise.</param>
    public HttpClient CreateClient(Uri address) => new(CreateHandler()) { BaseAddress = address };

    /// <summary>A handler for an HTTP client, with settings of the test's own.</summary>
    public SocketsHttpHandler CreateHandler() => new()
    {
        UseProxy = false,
        ConnectCallback = async (context, cancellationToken) => await ConnectAsync(Resolve(context.DnsEndPoint), cancellationToken),
    };

    private static IPEndPoint Resolve(DnsEndPoint endPoint)
        => new(IPAddress.TryParse(endPoint.Host, out var address) ? address : IPAddress.Loopback, endPoint.Port);

    private static SocketException Refused() => new((int)SocketError.ConnectionRefused);

    private InMemoryListener? Find(EndPoint endPoint)
    {
        if (_listeners.TryGetValue(endPoint, out var listener))
        {
            return listener;
        }

        return endPoint is IPEndPoint { Port: var port }
            && (_listeners.TryGetValue(new IPEndPoint(IPAddress.IPv6Any, port), out listener)
                || _listeners.TryGetValue(new IPEndPoint(IPAddress.Any, port), out listener))
            ? listener
            : null;
    }

    /// <summary>The clients' own ends: each unlike all others, and hardly any memory.</summary>
    private sealed class ClientEndPoints
    {
        private const int FirstPort = 1024;
        private const int PortsPerAddress = 64_512;

        private readonly Lock _lock = new();
        private IPAddress _address = IPAddress.Loopback;
        private long _count;

        public IPEndPoint Next()
        {
            lock (_lock)
            {
                var (block, port) = Math.DivRem(_count++, PortsPerAddress);
                if (port == 0)
                {
                    // 127.0.0.1, 127.0.0.2 and so on, in network order.
                    _address = new(IPAddress.HostToNetworkOrder((int)(0x7f000001 + block)) & 0xffffffffL);
                }

                return new(_address, FirstPort + (int)port);
            }
        }
    }
}
