using ActorServer.Actors;
using ActorServer.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ActorServer.TestKit;

/// <summary>A real server on a free port of loopback, with ActorServer in it.</summary>
public sealed class StartedServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private StartedServer(WebApplication application, TransitionLog transitions)
        => (_application, Transitions, Server) = (application, transitions, application.Services.GetRequiredService<IActorServer>());

    /// <summary>The node's verbs.</summary>
    public IActorServer Server { get; }

    /// <summary>Every transition so far.</summary>
    public TransitionLog Transitions { get; }

    /// <summary>The application's services.</summary>
    public IServiceProvider Services => _application.Services;

    /// <summary>Where it listens: the first of its addresses.</summary>
    public Uri Address => Addresses[0];

    /// <summary>Where it listens.</summary>
    public IReadOnlyList<Uri> Addresses => [.. _application.Urls.Select(u => new Uri(u))];

    /// <summary>Starts a server.</summary>
    /// <param name="map">Maps the application's endpoints.</param>
    /// <param name="configure">Changes the application's builder; the last to do so.</param>
    /// <param name="drain">Sets how the node drains. By default LameDuck, Spread and both graces are 0, and signals are not handled.</param>
    /// <param name="prepare">Changes the application's builder before ActorServer is added to it.</param>
    public static async Task<StartedServer> StartAsync(
        Action<WebApplication> map,
        Action<WebApplicationBuilder>? configure = null,
        Action<DrainOptions>? drain = null,
        Action<WebApplicationBuilder>? prepare = null)
    {
        ArgumentNullException.ThrowIfNull(map);
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        TransitionLog transitions = new();
        builder.Services.AddSingleton<IConnectionObserver>(transitions);
        prepare?.Invoke(builder);
        builder.AddActorServer(options =>
        {
            options.Drain.LameDuck = Duration.Zero;
            options.Drain.Spread = Duration.Zero;
            options.Drain.IdleGrace = Duration.Zero;
            options.Drain.SilentGrace = Duration.Zero;
            options.Drain.HandleSignals = false;
            drain?.Invoke(options.Drain);
        });
        configure?.Invoke(builder);
        var application = builder.Build();
        map(application);
        try
        {
            await application.StartAsync();
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }

        return new(application, transitions);
    }

    /// <summary>Stops the host, as SIGTERM would.</summary>
    /// <param name="cancellationToken">The host's patience.</param>
    public Task StopAsync(CancellationToken cancellationToken = default) => _application.StopAsync(cancellationToken);

    /// <summary>Stops without waiting for anybody, and forgets all.</summary>
    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync(new CancellationToken(canceled: true));
        await _application.DisposeAsync();
    }
}
