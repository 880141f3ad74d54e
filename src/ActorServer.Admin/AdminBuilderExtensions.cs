using ActorServer.Actors;
using ActorServer.Admin;
using Microsoft.Extensions.Options;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Adds ActorServer's admin side to an application.</summary>
public static class AdminBuilderExtensions
{
    /// <summary>
    /// Opens the admin side on a port of its own: health, status, connections and drain over HTTP. It starts before the application
    /// serves and stops after the node has drained; no drain touches it and no count includes it.
    /// </summary>
    /// <param name="builder">The application's builder; call <c>AddActorServer</c> on it too.</param>
    /// <param name="configure">Sets options in code. Configuration, under <c>ActorServer:Admin</c>, has the last word.</param>
    /// <returns>The builder.</returns>
    /// <remarks>Bad options, or a port open to others by accident, stop the start with an
    /// <see cref="OptionsValidationException"/>.</remarks>
    public static WebApplicationBuilder AddActorServerAdmin(
        this WebApplicationBuilder builder, Action<AdminOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        var options = services.AddOptions<AdminOptions>().ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.AddSingleton<AdminOptionsSetup>();
        services.AddSingleton<IPostConfigureOptions<AdminOptions>>(sp => sp.GetRequiredService<AdminOptionsSetup>());
        services.AddSingleton<IValidateOptions<AdminOptions>>(sp => sp.GetRequiredService<AdminOptionsSetup>());
        services.AddHealthChecks();
        services.AddSingleton<EventLog>();
        services.AddSingleton<IConnectionObserver>(sp => sp.GetRequiredService<EventLog>());
        services.AddSingleton<AdminServer>();
        services.AddHostedService(sp => sp.GetRequiredService<AdminServer>());
        return builder;
    }
}
