using Microsoft.AspNetCore.Http.Features;

namespace ActorServer.Kestrel;

/// <summary>Puts counting streams between the application and the server: where there is a body to read, and nowhere else.</summary>
/// <remarks>Responses are counted so only where the server's own count cannot be read.</remarks>
internal static class CountedBodies
{
    public static void Attach(LoggedRequest request, IFeatureCollection features, bool countsResponse)
    {
        if (features.Own<IHttpRequestBodyDetectionFeature>().CanHaveBody)
        {
            CountedRequestBody.Attach(request, features);
        }

        if (features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgrade)
        {
            features.Set<IHttpUpgradeFeature>(new CountedUpgrade(request, upgrade, null));
        }

        if (features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect)
        {
            features.Set<IHttpExtendedConnectFeature>(new CountedUpgrade(request, null, connect));
        }

        if (countsResponse)
        {
            features.Set<IHttpResponseBodyFeature>(new CountedResponseBody(request, features.GetRequiredFeature<IHttpResponseBodyFeature>()));
        }
    }
}
