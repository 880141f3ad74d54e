using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;

namespace ActorServer.Kestrel;

/// <summary>The application, with each request's start and end reported to its connection.</summary>
/// <remarks>Purposefully the application's own context type and static callbacks: a request costs no allocation, and its
/// pooled context stays pooled.</remarks>
internal sealed class TrackedApplication<TContext>(IHttpApplication<TContext> inner, AccessLog? log) : IHttpApplication<TContext>
    where TContext : notnull
{
    public TContext CreateContext(IFeatureCollection contextFeatures)
    {
        if (contextFeatures.Get<TrackedConnection>() is not { } connection)
        {
            return inner.CreateContext(contextFeatures);
        }

        // Before the tracker: a WebSocket's goodbye is counted too, and the line is written after all else.
        log?.Start(connection, contextFeatures);
        RequestTracker.Start(connection, contextFeatures);
        var context = inner.CreateContext(contextFeatures);
        if (log is not null)
        {
            AccessLog.Mark(contextFeatures);
        }

        return context;
    }

    public Task ProcessRequestAsync(TContext context) => inner.ProcessRequestAsync(context);

    public void DisposeContext(TContext context, Exception? exception) => inner.DisposeContext(context, exception);
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
        return features.Get<TrackedConnection>()?.RequestEnded(features, features.GetRequiredFeature<IHttpResponseFeature>())
            ?? Task.CompletedTask;
    };

    public static void Start(TrackedConnection connection, IFeatureCollection features)
    {
        connection.RequestStarted(features, features.GetRequiredFeature<IHttpRequestFeature>());
        var response = features.GetRequiredFeature<IHttpResponseFeature>();
        // Callbacks run last in, first out: being the first in, these see what the application has made of the response.
        response.OnStarting(Starting, features);
        response.OnCompleted(Completed, features);
    }
}
