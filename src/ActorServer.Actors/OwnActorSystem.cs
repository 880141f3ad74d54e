using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace ActorServer.Actors;

/// <summary>The actor system of a node whose application has none.</summary>
public sealed class OwnActorSystem
{
    private const string Configuration = """
        akka.log-dead-letters = off
        akka.log-dead-letters-during-shutdown = off
        """;

    private OwnActorSystem()
    {
    }

    /// <summary>Adds it, unless the application has an actor system.</summary>
    /// <param name="services">The application's services.</param>
    /// <returns>False when the application has one of its own.</returns>
    public static bool TryAdd(IServiceCollection services)
    {
        if (services.Any(static d => d.ServiceType == typeof(OwnActorSystem)))
        {
            return true;
        }

        if (services.Any(static d => d.ServiceType == typeof(ActorSystem)))
        {
            return false;
        }

        services.AddSingleton(new OwnActorSystem());
        services.AddAkka("ActorServer", static akka => akka
            .AddHocon(Configuration, HoconAddMode.Prepend)
            .ConfigureLoggers(static loggers =>
            {
                loggers.ClearLoggers();
                loggers.AddLoggerFactory();
            }));
        return true;
    }
}

/// <summary>Wraps what is registered already.</summary>
public static class ServiceDecoration
{
    /// <summary>Lets a service be what a function makes of it.</summary>
    /// <typeparam name="T">The service; a singleton.</typeparam>
    /// <param name="services">The application's services.</param>
    /// <param name="decorate">The function.</param>
    public static void Decorate<T>(this IServiceCollection services, Func<T, IServiceProvider, T> decorate)
        where T : class
        => services.Decorate<T>((make, provider) => decorate(make(), provider));

    /// <summary>Lets a service be what a function makes of its making.</summary>
    /// <typeparam name="T">The service; a singleton.</typeparam>
    /// <param name="services">The application's services.</param>
    /// <param name="decorate">The function.</param>
    public static void Decorate<T>(this IServiceCollection services, Func<Func<T>, IServiceProvider, T> decorate)
        where T : class
    {
        for (var i = 0; i < services.Count; i++)
        {
            if (services[i] is { IsKeyedService: false } inner && inner.ServiceType == typeof(T))
            {
                services[i] = ServiceDescriptor.Singleton(provider => decorate(() => (T)Resolve(provider, inner), provider));
            }
        }
    }

    private static object Resolve(IServiceProvider provider, ServiceDescriptor descriptor)
        => descriptor.ImplementationInstance
            ?? descriptor.ImplementationFactory?.Invoke(provider)
            ?? ActivatorUtilities.CreateInstance(provider, descriptor.ImplementationType!);
}
