using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ActorServer.Kestrel;

/// <summary>Whether an HTTP/1.x connection goes on after its response.</summary>
/// <remarks>
/// Kestrel's own verdict is a field of its. Where a version of Kestrel has no such field, the response's header tells, and
/// only those connections end as if they had been idle for a moment.
/// </remarks>
internal static class KeepAlive
{
    private const string ProtocolType = "Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http.HttpProtocol";

    private static readonly Type? Protocol = Probe();

    public static bool Holds(IFeatureCollection request, IHttpResponseFeature response)
        => !IsAnnouncedOver(response) && (Protocol?.IsInstanceOfType(request) != true || Field(request));

    /// <summary>The response is not whole: the application failed, or wrote less than it had said, after it began.</summary>
    /// <remarks>One of no bytes is whole. Kestrel's own 500, for a failure before the response began, is such a one.</remarks>
    public static bool IsCutShort(IFeatureCollection request, IHttpResponseFeature response)
        => response.HasStarted && response.Headers.ContentLength != 0
            && ProtocolFields.AreOf(request) && ProtocolFields.HasFailed(request);

    /// <summary>The response said that the connection ends.</summary>
    public static bool IsAnnouncedOver(IHttpResponseFeature response)
    {
        var connection = response.Headers.Connection;
        return connection.Count != 0 && connection.ToString().Contains("close", StringComparison.OrdinalIgnoreCase);
    }

    private static Type? Probe()
    {
        try
        {
            var type = typeof(KestrelServerOptions).Assembly.GetType(ProtocolType);
            if (type is not null)
            {
                var protocol = RuntimeHelpers.GetUninitializedObject(
                    type.Assembly.GetType("Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http.Http1Connection") ?? type);
                _ = Field(protocol);
            }

            return type;
        }
        catch (Exception exception) when (exception is MissingFieldException or TypeLoadException or MemberAccessException or NotSupportedException)
        {
            return null;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_keepAlive")]
    private static extern ref bool Field(
        [UnsafeAccessorType(ProtocolType + ", Microsoft.AspNetCore.Server.Kestrel.Core")] object protocol);
}
