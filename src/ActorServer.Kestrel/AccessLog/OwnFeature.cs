using Microsoft.AspNetCore.Http.Features;

namespace ActorServer.Kestrel;

/// <summary>What the server itself knows of a request, whatever the application has put in its place.</summary>
internal static class OwnFeature
{
    /// <summary>Kestrel's requests are most of their features themselves: a cast is cheaper than asking for them.</summary>
    public static T Own<T>(this IFeatureCollection request)
        where T : class
        => request as T ?? request.GetRequiredFeature<T>();
}
