using ActorServer.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace ActorServer.EndToEnd.Tests.Limits;

/// <summary>Servers with limits.</summary>
internal static class LimitSetup
{
    /// <summary>Sets limits in code.</summary>
    public static Action<WebApplicationBuilder> Limit(Action<LimitOptions> limit)
        => builder => builder.Services.Configure<ActorServerOptions>(options => limit(options.Limits));
}
