using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;

namespace ActorServer.Kestrel;

/// <summary>
/// Kestrel's diagnostics, overheard: requests that it refuses by itself (400, 408, 413, 431, 505) reach no application, and are
/// told nowhere else.
/// </summary>
internal sealed class RefusalSource(DiagnosticSource inner, AccessLog log) : DiagnosticSource
{
    private const string BadRequest = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    public override bool IsEnabled(string name) => name == BadRequest || inner.IsEnabled(name);

    public override void Write(string name, object? value)
    {
        if (name == BadRequest && value is IFeatureCollection features && features.Get<TrackedConnection>() is { } connection)
        {
            connection.Cell.Refused();
            log.Refused(connection, features);
        }

        if (inner.IsEnabled(name))
        {
            inner.Write(name, value);
        }
    }
}
