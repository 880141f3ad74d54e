using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ActorServer.Kestrel;

/// <summary>What Kestrel knows of a request and has no public member for. Reading it costs nothing.</summary>
/// <remarks>Tried once when the program starts. Where a version of Kestrel has it not, bytes are counted on their way.</remarks>
internal static class ProtocolFields
{
    private const string ProtocolType = "Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http.HttpProtocol";
    private const string StreamType = "Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http2.Http2Stream";
    private const string Qualified = ProtocolType + ", Microsoft.AspNetCore.Server.Kestrel.Core";
    private const string QualifiedStream = StreamType + ", Microsoft.AspNetCore.Server.Kestrel.Core";

    private static readonly Type? Stream = typeof(KestrelServerOptions).Assembly.GetType(StreamType);
    private static readonly Type? Protocol = Probe();

    /// <summary>The fields are there.</summary>
    public static bool AreKnown => Protocol is not null;

    /// <summary>They can be read of this request.</summary>
    public static bool AreOf(IFeatureCollection request) => Protocol?.IsInstanceOfType(request) == true;

    /// <summary>Bytes of the response's body, before framing.</summary>
    public static long BytesWritten(IFeatureCollection request) => Written(request);

    /// <summary>The client has gone, or the server has given it up.</summary>
    public static bool IsAborted(IFeatureCollection request) => Aborted(request);

    /// <summary>The response's last byte has been handed to the transport.</summary>
    public static bool IsComplete(IFeatureCollection request) => Completed(request);

    /// <summary>The application has failed.</summary>
    public static bool HasFailed(IFeatureCollection request) => Failure(request) is not null;

    /// <summary>The client has reset this stream.</summary>
    public static bool IsReset(IFeatureCollection request) => Stream?.IsInstanceOfType(request) == true && Reset(request);

    /// <summary>The client has ended its half of this stream.</summary>
    public static bool IsEnded(IFeatureCollection request) => Stream?.IsInstanceOfType(request) == true && Ended(request);

    // It takes the type of the application's context, which here may be any.
    private static Type StreamOf(Assembly assembly)
        => assembly.GetType(StreamType + "`1", throwOnError: true)!.MakeGenericType(typeof(object));

    private static Type? Probe()
    {
        try
        {
            var assembly = typeof(KestrelServerOptions).Assembly;
            var type = assembly.GetType(ProtocolType);
            if (type is not null)
            {
                var protocol = RuntimeHelpers.GetUninitializedObject(
                    assembly.GetType("Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http.Http1Connection") ?? type);
                _ = (Written(protocol), Aborted(protocol), Completed(protocol), Failure(protocol));
                if (Stream is not null)
                {
                    var stream = RuntimeHelpers.GetUninitializedObject(Stream.IsAbstract ? StreamOf(assembly) : Stream);
                    _ = (Reset(stream), Ended(stream));
                }
            }

            return type;
        }
        catch (Exception exception) when (exception is MissingMemberException or TypeLoadException or MemberAccessException or NotSupportedException)
        {
            return null;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_responseBytesWritten")]
    private static extern ref long Written([UnsafeAccessorType(Qualified)] object protocol);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_connectionAborted")]
    private static extern ref bool Aborted([UnsafeAccessorType(Qualified)] object protocol);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_HasResponseCompleted")]
    private static extern bool Completed([UnsafeAccessorType(Qualified)] object protocol);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_RstStreamReceived")]
    private static extern bool Reset([UnsafeAccessorType(QualifiedStream)] object stream);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_EndStreamReceived")]
    private static extern bool Ended([UnsafeAccessorType(QualifiedStream)] object stream);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_applicationException")]
    private static extern ref Exception? Failure([UnsafeAccessorType(Qualified)] object protocol);
}
