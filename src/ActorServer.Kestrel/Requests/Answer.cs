using Microsoft.AspNetCore.Http.Features;

namespace ActorServer.Kestrel;

/// <summary>What a client was promised, and what of it was handed on.</summary>
internal static class Answer
{
    /// <summary>There is more to it than headers.</summary>
    public static bool HasBody(IFeatureCollection request, IHttpResponseFeature response)
        => response.StatusCode is not (StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent or StatusCodes.Status304NotModified)
            && request.Own<IHttpRequestFeature>().Method != HttpMethods.Head;

    /// <summary>All of it was handed on, to a client that was still there.</summary>
    /// <remarks>
    /// One may go as soon as it has its answer, which over HTTP/1.x is before the server notes that it is done. Over HTTP/2 the
    /// end of a stream is said, and not counted. Asked of requests of whom <see cref="ProtocolFields"/> tell.
    /// </remarks>
    public static bool IsWhole(TrackedConnection connection, IFeatureCollection request, IHttpResponseFeature response)
        => connection.IsComplete(request) || (!connection.IsMultiplexed && response.HasStarted
            && (HasBody(request, response)
                ? IsWhole(connection, response.Headers.ContentLength, connection.BodyBytesSent(request))
                : IsWhole(connection, 0, 0)));

    // Headers, too: an answer that nobody got has begun as well.
    private static bool IsWhole(TrackedConnection connection, long? promised, long sent)
        => promised == sent && connection.BytesSent - connection.SentBefore > sent;
}
