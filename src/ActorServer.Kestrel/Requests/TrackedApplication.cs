using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;

namespace ActorServer.Kestrel;

/// <summary>The application, with each request's start and end reported to its connection.</summary>
/// <remarks>Purposefully the application's own context type and static callbacks: a request costs no allocation, and its
/// pooled context stays pooled.</remarks>
internal sealed class TrackedApplication<TContext>(IHttpApplication<TContext> inner, AccessLog? log, IHttpContextFactory? contexts)
    : IHttpApplication<TContext>
    where TContext : notnull
{
    private readonly bool _contextTells = HostingContext.Tells(typeof(TContext), contexts);

    public TContext CreateContext(IFeatureCollection contextFeatures)
    {
        if (contextFeatures.Get<TrackedConnection>() is not { } connection)
        {
            return inner.CreateContext(contextFeatures);
        }

        // Over TLS the end is awaited: the session's goodbye goes out before the server cuts it. The end of a context cannot be.
        var callsBack = !_contextTells || connection.HasTlsSession;
        // Before the tracker: a WebSocket's goodbye is counted too, and the line is written after all else.
        log?.Start(connection, contextFeatures, callsBack);
        RequestTracker.Start(connection, contextFeatures, callsBack);
        var context = inner.CreateContext(contextFeatures);
        if (!callsBack && !ReferenceEquals(HostingContext.FeaturesOf(context), contextFeatures))
        {
            // Somebody between has put features of his own around the server's: by those no request is known here.
            AccessLog.CallBack(contextFeatures);
            RequestTracker.CallBack(contextFeatures);
        }

        if (log is not null)
        {
            AccessLog.Mark(contextFeatures);
        }

        return context;
    }

    public Task ProcessRequestAsync(TContext context) => inner.ProcessRequestAsync(context);

    public void DisposeContext(TContext context, Exception? exception)
    {
        try
        {
            End(context);
        }
        finally
        {
            inner.DisposeContext(context, exception);
        }
    }

    private void End(TContext context)
    {
        // The server's own features, by which the request is known, and not any that were put around them.
        if (_contextTells && HostingContext.FeaturesOf(context) is { } features and IHttpResponseFeature
            && features.Get<TrackedConnection>() is { HasTlsSession: false } connection)
        {
            _ = RequestTracker.End(connection, features);
            if (log is not null)
            {
                features.Get<LoggedRequest>()?.End();
            }
        }
    }
}

/// <summary>Follows one request by the server's own callbacks.</summary>
internal static class RequestTracker
{
    private static readonly Func<object, Task> Starting = static state =>
    {
        var features = (IFeatureCollection)state;
        features.Get<TrackedConnection>()?.ResponseStarting(features, features.GetRequiredFeature<IHttpResponseFeature>());
        return Task.CompletedTask;
    };

    private static readonly Func<object, Task> Completed = static state =>
    {
        var features = (IFeatureCollection)state;
        return features.Get<TrackedConnection>() is { } connection ? End(connection, features) : Task.CompletedTask;
    };

    public static void Start(TrackedConnection connection, IFeatureCollection features, bool callsBack)
    {
        connection.RequestStarted(features, features.GetRequiredFeature<IHttpRequestFeature>());
        // Callbacks run last in, first out: being the first in, these see what the application has made of the response.
        if (!connection.IsMultiplexed)
        {
            // HTTP/2 announces nothing in a response.
            features.GetRequiredFeature<IHttpResponseFeature>().OnStarting(Starting, features);
        }

        if (callsBack)
        {
            CallBack(features);
        }
    }

    public static void CallBack(IFeatureCollection features)
        => features.GetRequiredFeature<IHttpResponseFeature>().OnCompleted(Completed, features);

    public static Task End(TrackedConnection connection, IFeatureCollection features)
        => connection.RequestEnded(features, features.GetRequiredFeature<IHttpResponseFeature>());
}
