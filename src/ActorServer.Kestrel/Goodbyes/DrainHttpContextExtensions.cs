using ActorServer.Kestrel;

namespace Microsoft.AspNetCore.Http;

/// <summary>What a request can know of a drain.</summary>
public static class DrainHttpContextExtensions
{
    /// <summary>
    /// A token that fires when this request's connection is to go, by a drain or an operator, and when its client goes. A
    /// long answer ends itself on it: server-sent events, a stream, a WebSocket.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <returns>The token; without ActorServer's server it fires when the client goes.</returns>
    /// <remarks>
    /// Asking for it leaves a WebSocket's goodbye to the application: the server does not say Close 1001 itself. A drain that
    /// is called off takes no fired token back.
    /// </remarks>
    public static CancellationToken DrainToken(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.Features.Get<TrackedConnection>() is not { } connection)
        {
            return context.RequestAborted;
        }

        WebSocketGoodbye.LeaveToApplication(context.Features);
        return RequestDrain.TokenOf(context, connection);
    }
}
