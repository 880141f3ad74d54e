using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ActorServer.EndToEnd.Tests.Goodbyes;

/// <summary>A protocol of the application's own, after an upgrade.</summary>
internal static class OtherUpgrade
{
    public const string Headers = "Connection: Upgrade\r\nUpgrade: foo\r\n";

    /// <summary>An endpoint that sends back what it gets.</summary>
    /// <param name="app">The application.</param>
    /// <param name="path">Where.</param>
    /// <param name="look">Sees the request's features and its upgraded stream.</param>
    public static void Map(WebApplication app, string path, Action<IFeatureCollection, Stream>? look = null)
        => app.Map(path, async (HttpContext context) =>
        {
            await using var stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
            look?.Invoke(context.Features, stream);
            var buffer = new byte[1000];
            int read;
            while ((read = await stream.ReadAsync(buffer)) > 0)
            {
                await stream.WriteAsync(buffer.AsMemory(0, read));
                await stream.FlushAsync();
            }
        });
}
