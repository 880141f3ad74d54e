using System.Net.WebSockets;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.Http.Connections.Client;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace ActorServer.EndToEnd.Tests.Goodbyes;

/// <summary>A client of SignalR behind a balancer that knows these nodes, and sends it to the first one that is ready.</summary>
internal sealed class SignalRClient(HttpTransportType transport, bool withNegotiation, params StartedServer[] nodes)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(50);

    private readonly TaskCompletionSource<Exception?> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _reconnecting = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _reconnected = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the reason when the connection has ended for good.</summary>
    public Task<Exception?> Closed => _closed.Task;

    /// <summary>Completes when the connection has ended, and the client tries again.</summary>
    public Task Reconnecting => _reconnecting.Task;

    /// <summary>Completes when the client has a connection again.</summary>
    public Task Reconnected => _reconnected.Task;

    /// <summary>The client's connection to <c>/hub</c>, not started.</summary>
    /// <param name="reconnects">It tries again by itself.</param>
    public HubConnection Build(bool reconnects)
    {
        var builder = new HubConnectionBuilder().WithUrl("http://balancer.invalid/hub", options =>
        {
            options.Transports = transport;
            options.SkipNegotiation = !withNegotiation;
            options.HttpMessageHandlerFactory = inner => new Balancer(this) { InnerHandler = inner };
            options.WebSocketFactory = OpenAsync;
        });
        var connection = (reconnects ? builder.WithAutomaticReconnect(new RetryForEver()) : builder).Build();
        connection.Closed += exception =>
        {
            _closed.TrySetResult(exception);
            return Task.CompletedTask;
        };
        connection.Reconnecting += _ =>
        {
            _reconnecting.TrySetResult();
            return Task.CompletedTask;
        };
        connection.Reconnected += _ =>
        {
            _reconnected.TrySetResult();
            return Task.CompletedTask;
        };
        return connection;
    }

    private async ValueTask<WebSocket> OpenAsync(WebSocketConnectionContext context, CancellationToken cancellationToken)
    {
        ClientWebSocket socket = new();
        try
        {
            await socket.ConnectAsync(await RouteAsync(context.Uri), cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<Uri> RouteAsync(Uri wanted)
    {
        foreach (var node in nodes)
        {
            if ((await node.Server.StatusAsync()).Ready)
            {
                return new UriBuilder(wanted) { Host = node.Address.Host, Port = node.Address.Port }.Uri;
            }
        }

        throw new HttpRequestException("No node is ready.");
    }

    private sealed class Balancer(SignalRClient client) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.RequestUri = await client.RouteAsync(request.RequestUri!);
            return await base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class RetryForEver : IRetryPolicy
    {
        public TimeSpan? NextRetryDelay(RetryContext retryContext) => RetryDelay;
    }
}
