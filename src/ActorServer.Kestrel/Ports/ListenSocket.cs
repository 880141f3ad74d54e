using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace ActorServer.Kestrel;

/// <summary>Hands the socket that Kestrel's transport listens on to the listener that asked for it.</summary>
internal static class ListenSocket
{
    private static readonly AsyncLocal<Holder?> Current = new();

    /// <summary>Runs a bind, and returns with its listener the socket it made; null for transports that make none.</summary>
    /// <param name="bind">The bind.</param>
    /// <param name="filtered">The socket lets nobody in yet, where that is to be had.</param>
    public static async ValueTask<(T Listener, Socket? Socket)> CaptureAsync<T>(Func<ValueTask<T>> bind, bool filtered)
    {
        // The transport makes its socket inside the bind, on this same flow: no guessing which socket is whose.
        Holder holder = new(filtered);
        Current.Value = holder;
        try
        {
            return (await bind(), holder.Socket);
        }
        finally
        {
            Current.Value = null;
        }
    }

    private sealed class Holder(bool filtered)
    {
        private Socket? _socket;

        public Socket? Socket
        {
            get => _socket;
            set
            {
                _socket = value;
                if (filtered && value is { AddressFamily: not AddressFamily.Unix })
                {
                    // Before the transport listens with it. Where it fails, whoever comes at this moment is let in.
                    _ = SynFilter.TryAttach(value);
                }
            }
        }
    }

    /// <summary>Looks over the shoulder of whatever makes the transport's sockets, the application's own way included.</summary>
    internal sealed class Setup : IPostConfigureOptions<SocketTransportOptions>
    {
        public void PostConfigure(string? name, SocketTransportOptions options)
        {
            var create = options.CreateBoundListenSocket;
            options.CreateBoundListenSocket = endpoint =>
            {
                var socket = endpoint is UnixDomainSocketEndPoint ? UnixListenSocket.Own(create(endpoint)) : create(endpoint);
                if (Current.Value is { } holder)
                {
                    holder.Socket = socket;
                }

                return socket;
            };
        }
    }
}
