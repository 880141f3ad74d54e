using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace ActorServer.Kestrel;

/// <summary>The socket transport of a server that is not tracked: its accepts that fail are tried again after a while too.</summary>
internal sealed class PatientTransport(IConnectionListenerFactory inner, AcceptBackoff backoff)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => inner is not IConnectionListenerFactorySelector selector || selector.CanBind(endpoint);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
        => new Listener(await inner.BindAsync(endpoint, cancellationToken), backoff);

    /// <summary>Puts it in the place of a server's own transport.</summary>
    /// <param name="services">That server's services.</param>
    /// <param name="application">The services of the application, which has the node.</param>
    public static void Add(IServiceCollection services, IServiceProvider application)
        => services.AddSingleton<IConnectionListenerFactory>(sp => new PatientTransport(
            ActivatorUtilities.CreateInstance<SocketTransportFactory>(sp, new AcceptLoggers(sp.GetRequiredService<ILoggerFactory>())),
            // Its own, but for the descriptors: it accepts with what the application's ports have given up.
            ActivatorUtilities.CreateInstance<AcceptBackoff>(application)));

    private sealed class Listener(IConnectionListener inner, AcceptBackoff backoff) : IConnectionListener
    {
        private readonly TaskCompletionSource _unbound = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public EndPoint EndPoint => inner.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (true)
            {
                try
                {
                    var connection = await inner.AcceptAsync(cancellationToken);
                    // Purposefully without its socket: the last descriptors are for whoever comes to see what is wrong.
                    backoff.Succeeded(socket: null);
                    return connection;
                }
                catch (Exception exception) when (exception is AcceptFailedException or SocketException)
                {
                    await backoff.WaitAsync(_unbound.Task);
                }
            }
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            _unbound.TrySetResult();
            return inner.UnbindAsync(cancellationToken);
        }

        public ValueTask DisposeAsync()
        {
            _unbound.TrySetResult();
            return inner.DisposeAsync();
        }
    }
}
