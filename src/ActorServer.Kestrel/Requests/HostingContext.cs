using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.Features;

namespace ActorServer.Kestrel;

/// <summary>The framework's own context of a request, from which its features can be had when it is disposed of.</summary>
/// <remarks>
/// Kestrel keeps a stack for callbacks at a request's end with every connection that ever had one. Nothing is registered where
/// the end of the context says as much. Tried once when the program starts; any other context, or maker of contexts, has callbacks.
/// </remarks>
internal static class HostingContext
{
    private const string Qualified = "Microsoft.AspNetCore.Hosting.HostingApplication+Context, Microsoft.AspNetCore.Hosting";

    private static readonly Type? Known = Probe();

    /// <summary>Contexts of this type tell their features, whole and unchanged.</summary>
    public static bool Tells(Type context, IHttpContextFactory? factory)
        => context == Known && factory?.GetType() == typeof(DefaultHttpContextFactory);

    /// <summary>The features with which a context was made that <see cref="Tells"/>.</summary>
    public static IFeatureCollection? FeaturesOf(object context) => HttpContextOf(context)?.Features;

    private static Type? Probe()
    {
        try
        {
            var type = Type.GetType(Qualified);
            if (type is not null)
            {
                _ = HttpContextOf(RuntimeHelpers.GetUninitializedObject(type));
            }

            return type;
        }
        catch (Exception exception) when (exception is MissingMemberException or TypeLoadException or MemberAccessException or NotSupportedException)
        {
            return null;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_HttpContext")]
    private static extern HttpContext? HttpContextOf([UnsafeAccessorType(Qualified)] object context);
}
