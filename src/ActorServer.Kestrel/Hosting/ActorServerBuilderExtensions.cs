using System.Diagnostics;
using System.Globalization;
using ActorServer.Actors;
using ActorServer.Core;
using ActorServer.Kestrel;
using Akka.Actor;
using Akka.Configuration;
using Akka.Hosting;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Options;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Adds ActorServer to an application.</summary>
public static class ActorServerBuilderExtensions
{
    // The host leads: the actor system ends when the host says so, after the drain, and never by the process's end.
    private static readonly Config HostLeads = ConfigurationFactory.ParseString("""
        akka.coordinated-shutdown.exit-clr = off
        akka.coordinated-shutdown.run-by-clr-shutdown-hook = off
        """).WithFallback(WireSerializer.Configuration);

    /// <summary>
    /// Makes every connection that the application's Kestrel accepts an actor, and lets the application drain before it stops.
    /// Opens no port. Endpoints, middleware and features stay as they are.
    /// </summary>
    /// <param name="builder">The application's builder.</param>
    /// <param name="configure">Sets options in code. Configuration, under <c>ActorServer:</c>, has the last word.</param>
    /// <returns>The builder.</returns>
    /// <remarks>
    /// Registers <see cref="IActorServer"/>, the node's supervisor in the application's own actor system (call AddAkka before) or
    /// in one of its own, decorators of the server and its transport (call UseKestrel before), a lifetime that answers signals
    /// with a drain, and a health check named <c>actor-server</c> tagged <c>ready</c>.
    /// Bad options stop the start with an <see cref="OptionsValidationException"/>.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The builder has no Kestrel, or ActorServer was added before.</exception>
    public static WebApplicationBuilder AddActorServer(
        this WebApplicationBuilder builder, Action<ActorServerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        if (services.Any(d => d.ServiceType == typeof(ActorServerNode)))
        {
            throw new InvalidOperationException("AddActorServer was called before: once is enough.");
        }

        AddOptions(services, configure);
        AddNode(services);
        AddAccessLog(services);
        DecorateServer(services);
        DecorateTransports(services);
        DecorateLifetime(services);
        services.AddHealthChecks().AddCheck<ReadyCheck>("actor-server", tags: ["ready"]);
        return builder;
    }

    private static void AddOptions(IServiceCollection services, Action<ActorServerOptions>? configure)
    {
        var options = services.AddOptions<ActorServerOptions>().ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.AddSingleton<ActorServerOptionsSetup>();
        services.AddSingleton<IPostConfigureOptions<ActorServerOptions>>(sp => sp.GetRequiredService<ActorServerOptionsSetup>());
        services.AddSingleton<IValidateOptions<ActorServerOptions>>(sp => sp.GetRequiredService<ActorServerOptionsSetup>());
        services.AddSingleton(sp => sp.GetRequiredService<IOptions<ActorServerOptions>>().Value.Drain
            .Resolve(sp.GetRequiredService<IHostEnvironment>().IsDevelopment()));
        services.AddSingleton<IPostConfigureOptions<HostOptions>, ShutdownTimeoutSetup>();
    }

    private static void AddNode(IServiceCollection services)
    {
        OwnActorSystem.TryAdd(services);
        LetTheHostLead(services);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<Log>();
        services.AddSingleton<ListenerGate>();
        services.AddSingleton<PortClosing>();
        services.AddSingleton<KeepAliveHeader>();
        services.AddSingleton<Places>();
        services.AddSingleton(_ => new SpareDescriptors());
        services.AddSingleton<AcceptBackoff>();
        services.AddSingleton<Door>();
        services.AddSingleton<IPostConfigureOptions<SocketTransportOptions>, ListenSocket.Setup>();
        services.AddSingleton(sp => ActorServerNode.Start(
            sp.GetRequiredService<ActorSystem>(),
            sp.GetRequiredService<IOptions<ActorServerOptions>>().Value.Node,
            sp.GetRequiredService<DrainSettings>(),
            sp.GetRequiredService<ListenerGate>(),
            sp.GetRequiredService<TimeProvider>(),
            sp.GetServices<IConnectionObserver>(),
            sp.GetServices<IDrainHook>(),
            sp.GetRequiredService<ILoggerFactory>(),
            sp.GetRequiredService<IOptions<ActorServerOptions>>().Value.Limits.Resolve()));
        services.AddSingleton<IActorServer>(sp => sp.GetRequiredService<ActorServerNode>());
        services.AddHostedService<StartCheck>();
        services.AddSingleton<ShutdownPhases>();
        services.AddHostedService<LimitReload>();
        services.AddSingleton<HostDrain>();
        services.AddHostedService(sp => sp.GetRequiredService<HostDrain>());
    }

    private static void AddAccessLog(IServiceCollection services)
    {
        services.AddSingleton(new AccessCounting(ProtocolFields.AreKnown));
        services.AddSingleton<AccessLog>();
        services.AddSingleton<IAccessLog>(sp => sp.GetRequiredService<AccessLog>());
        services.AddHostedService(sp => sp.GetRequiredService<AccessLog>());
        // The first filter is the outermost: whatever else throws, throws inside of it.
        services.Insert(0, ServiceDescriptor.Singleton<IStartupFilter, FailureAnswer>());
    }

    // Akka would answer a signal by ending its system, the application's own one too, under a node that drains.
    private static void LetTheHostLead(IServiceCollection services)
    {
        services.Decorate<AkkaConfigurationBuilder>(static (akka, sp) => akka
            .AddHocon(HostLeads, HoconAddMode.Prepend)
            .AddHocon(PhaseThatWaits(sp.GetRequiredService<DrainSettings>()), HoconAddMode.Prepend));
        for (var i = 0; i < services.Count; i++)
        {
            if (services[i] is { IsKeyedService: false, ImplementationType: { } type } service
                && service.ServiceType == typeof(IHostedService) && type.IsAssignableTo(typeof(AkkaHostedService)))
            {
                services[i] = ServiceDescriptor.Singleton<IHostedService>(sp => new AkkaInHost(sp, type));
            }
        }
    }

    private static string PhaseThatWaits(DrainSettings settings)
        => string.Create(
            CultureInfo.InvariantCulture,
            $"akka.coordinated-shutdown.phases.service-requests-done.timeout = {ShutdownPhases.Timeout(settings).TotalSeconds}s");

    private static void DecorateServer(IServiceCollection services)
    {
        var kestrel = services.LastOrDefault(d => d.ServiceType == typeof(IServer))?.ImplementationType
            ?? throw new InvalidOperationException("There is no Kestrel to decorate: call AddActorServer after UseKestrel.");
        services.RemoveAll<IServer>();
        services.AddSingleton<IServer>(sp => new TrackedServer(
            (IServer)ActivatorUtilities.CreateInstance(
                sp, kestrel, new RefusalSource(sp.GetRequiredService<DiagnosticSource>(), sp.GetRequiredService<AccessLog>())),
            sp.GetRequiredService<HostDrain>(),
            sp.GetRequiredService<ListenerGate>(),
            sp.GetRequiredService<AccessLog>(),
            sp.GetService<IHttpContextFactory>()));
    }

    private static void DecorateTransports(IServiceCollection services)
    {
        // Kestrel's own has a logger that overhears its troubles.
        for (var i = 0; i < services.Count; i++)
        {
            if (services[i] is { IsKeyedService: false } service && service.ImplementationType == typeof(SocketTransportFactory))
            {
                services[i] = ServiceDescriptor.Singleton<IConnectionListenerFactory>(static sp
                    => ActivatorUtilities.CreateInstance<SocketTransportFactory>(
                        sp, new AcceptLoggers(sp.GetRequiredService<ILoggerFactory>())));
            }
        }

        services.Decorate<IConnectionListenerFactory>(static (transport, sp) => new TrackedListenerFactory(
            transport,
            sp.GetRequiredService<Door>(),
            sp.GetRequiredService<ListenerGate>(),
            sp.GetRequiredService<PortClosing>()));
    }

    private static void DecorateLifetime(IServiceCollection services)
    {
        // Any other lifetime (systemd's, a Windows service's) stays: what it stops, drains as a stopping host does.
        if (services.LastOrDefault(d => d.ServiceType == typeof(IHostLifetime))?.ImplementationType != typeof(ConsoleLifetime))
        {
            return;
        }

        services.RemoveAll<IHostLifetime>();
        services.AddSingleton<IHostLifetime>(sp => sp.GetRequiredService<IOptions<ActorServerOptions>>().Value.Drain.HandleSignals
            ? ActivatorUtilities.CreateInstance<SignalLifetime>(sp)
            : ActivatorUtilities.CreateInstance<ConsoleLifetime>(sp));
    }
}
