using ActorServer.Actors;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ActorServer.Admin;

/// <summary><c>/livez</c> and <c>/readyz</c>.</summary>
internal static class HealthEndpoints
{
    // Some balancers ask with HEAD.
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    public static void MapHealth(this WebApplication app)
    {
        app.MapMethods("/livez", Methods, async (IActorServer server, CancellationToken cancelled) =>
        {
            try
            {
                await server.StatusAsync(cancelled);
                return Results.Text("alive\n");
            }
            catch (TimeoutException exception)
            {
                return Results.Text(exception.Message + "\n", statusCode: StatusCodes.Status503ServiceUnavailable);
            }
        });

        // The application's own checks that are tagged "ready" have their say too.
        app.MapMethods("/readyz", Methods, async (HealthCheckService health, CancellationToken cancelled) =>
        {
            var report = await health.CheckHealthAsync(static check => check.Tags.Contains("ready"), cancelled);
            return report.Status == HealthStatus.Unhealthy
                ? Results.Text(
                    string.Concat(report.Entries.Where(e => e.Value.Status == HealthStatus.Unhealthy)
                        .Select(e => $"not ready: {e.Key}: {e.Value.Description ?? e.Value.Exception?.Message}\n")),
                    statusCode: StatusCodes.Status503ServiceUnavailable)
                : Results.Text("ready\n");
        });
    }
}
