using System.Net.Sockets;
using ActorServer.Actors;
using ActorServer.Cluster;
using Akka.Actor;
using Akka.DependencyInjection;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.Hosting;

/// <summary>Adds the cluster to a node.</summary>
public static class ClusterHostingExtensions
{
    /// <summary>
    /// Lets other processes speak with the node, and makes it a member of a cluster: of its own, or that of its seed nodes. Listens
    /// on <c>127.0.0.1:4053</c> unless configured otherwise.
    /// </summary>
    /// <typeparam name="TBuilder">The application's builder.</typeparam>
    /// <param name="builder">The application's builder; call <c>AddActorServer</c> on it too, before or after.</param>
    /// <param name="configure">Sets options in code. Configuration, under <c>ActorServer:Cluster</c>, has the last word.</param>
    /// <returns>The builder.</returns>
    /// <remarks>
    /// The actor system is ActorServer's own. An application that has one calls <see cref="WithActorServer"/> in its AddAkka instead.
    /// Bad options, or a port open to others by accident, stop the start with an <see cref="OptionsValidationException"/>.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The application has an actor system of its own, or the cluster was added before.</exception>
    public static TBuilder AddActorServerCluster<TBuilder>(this TBuilder builder, Action<ClusterOptions>? configure = null)
        where TBuilder : IHostApplicationBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        if (!OwnActorSystem.TryAdd(services))
        {
            throw new InvalidOperationException(
                "The application has an actor system of its own: call WithActorServer in its AddAkka instead of AddActorServerCluster.");
        }

        if (services.Any(static d => d.ServiceType == typeof(ClusterOptionsSetup)))
        {
            throw new InvalidOperationException("AddActorServerCluster was called before: once is enough.");
        }

        var options = services.AddOptions<ClusterOptions>().ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.AddSingleton<ClusterOptionsSetup>();
        services.AddSingleton<IPostConfigureOptions<ClusterOptions>>(sp => sp.GetRequiredService<ClusterOptionsSetup>());
        services.AddSingleton<IValidateOptions<ClusterOptions>>(sp => sp.GetRequiredService<ClusterOptionsSetup>());
        services.Decorate<AkkaConfigurationBuilder>((akka, sp) => Configure(akka, sp.GetRequiredService<IOptions<ClusterOptions>>().Value));
        services.Decorate<ActorSystem>(static (make, sp) => Start(make, sp.GetRequiredService<IOptions<ClusterOptions>>().Value));
        return builder;
    }

    /// <summary>
    /// Makes the application's actor system that of a node: other processes reach the node through it, and the node its cluster.
    /// The application configures remoting and cluster itself.
    /// </summary>
    /// <param name="akka">The application's actor system, a member of a cluster (WithClustering).</param>
    /// <param name="allowInsecure">Its remoting may listen beyond loopback without TLS: anybody there can drain the node. Default false.</param>
    /// <returns>The actor system's builder.</returns>
    /// <remarks>
    /// Call AddActorServer on the application's builder too, after AddAkka. A system whose remoting is open by accident, as it is
    /// without a hostname, stops the start with an <see cref="InvalidOperationException"/>.
    /// </remarks>
    public static AkkaConfigurationBuilder WithActorServer(this AkkaConfigurationBuilder akka, bool allowInsecure = false)
        => akka
            .AddHocon(WireSerializer.Configuration, HoconAddMode.Append)
            .AddHocon(RemotingConfig.Envelopes, HoconAddMode.Append)
            .StartActors((system, _, resolver) =>
            {
                if (!allowInsecure && RemotingConfig.OpenProblem(system.Settings.Config) is { } problem)
                {
                    throw new InvalidOperationException(problem);
                }

                Enter(system, resolver, joinItself: false);
            });

    private static AkkaConfigurationBuilder Configure(AkkaConfigurationBuilder akka, ClusterOptions options)
    {
        if (options.Tls is { Certificate: { } certificate, Key: { } key, Authority: { } authority })
        {
            akka.AddSetup(PeerCertificates.Load(certificate, key, authority).ToSetup());
        }

        return akka
            .AddHocon(RemotingConfig.From(options), HoconAddMode.Prepend)
            .StartActors((system, _, resolver) => Enter(system, resolver, joinItself: options.SeedNodes.Count == 0));
    }

    private static void Enter(ActorSystem system, IDependencyResolver services, bool joinItself)
        => ClusterEntry.Enter(
            system,
            services.GetService<ActorServerNode>()
                ?? throw new InvalidOperationException("There is no node: call AddActorServer on the application's builder too."),
            services.GetService<ILoggerFactory>(),
            joinItself);

    // Which of the process's ports it is, and what sets it, Akka cannot know.
    private static ActorSystem Start(Func<ActorSystem> make, ClusterOptions options)
    {
        try
        {
            return make();
        }
        catch (Exception exception) when (SocketProblem(exception) is { } problem)
        {
            throw new IOException(
                $"Akka's remoting cannot listen on {options.Hostname}:{options.Port}, ActorServer:Cluster:Hostname and Port: {problem.Message}",
                exception);
        }
    }

    private static SocketException? SocketProblem(Exception? exception) => exception switch
    {
        null => null,
        SocketException problem => problem,
        AggregateException several => several.InnerExceptions.Select(SocketProblem).FirstOrDefault(static p => p is not null),
        _ => SocketProblem(exception.InnerException),
    };
}
