using System.Net;
using ActorServer.Actors;
using ActorServer.Core;
using Akka.Actor;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ActorServer.TestKit;

/// <summary>A real server with ActorServer in it: on a free port of loopback, or in memory.</summary>
public sealed class StartedServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly InMemoryTransport? _memory;
    private readonly StateHolds _holds;

    private StartedServer(WebApplication application, TransitionLog transitions, StateHolds holds, InMemoryTransport? memory)
    {
        (_application, Transitions, _holds, _memory) = (application, transitions, holds, memory);
        Server = application.Services.GetRequiredService<IActorServer>();
    }

    /// <summary>The node's verbs.</summary>
    public IActorServer Server { get; }

    /// <summary>Every transition so far.</summary>
    public TransitionLog Transitions { get; }

    /// <summary>The application's services.</summary>
    public IServiceProvider Services => _application.Services;

    /// <summary>The actor system that the node lives in.</summary>
    public ActorSystem System => Services.GetRequiredService<ActorSystem>();

    /// <summary>Where it listens: the first of its addresses.</summary>
    public Uri Address => Addresses[0];

    /// <summary>Where it listens.</summary>
    public IReadOnlyList<Uri> Addresses => [.. _application.Urls.Select(u => new Uri(u))];

    /// <summary>Starts a server.</summary>
    /// <param name="map">Maps the application's endpoints.</param>
    /// <param name="configure">Changes the application's builder; the last to do so.</param>
    /// <param name="drain">Sets how the node drains. By default LameDuck, Spread and both graces are 0, and signals are not handled.</param>
    /// <param name="prepare">Changes the application's builder before ActorServer is added to it.</param>
    /// <param name="memory">What carries its connections instead of sockets; null, the default: sockets.</param>
    public static async Task<StartedServer> StartAsync(
        Action<WebApplication> map,
        Action<WebApplicationBuilder>? configure = null,
        Action<DrainOptions>? drain = null,
        Action<WebApplicationBuilder>? prepare = null,
        InMemoryTransport? memory = null)
    {
        ArgumentNullException.ThrowIfNull(map);
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        TransitionLog transitions = new();
        builder.Services.AddSingleton<IConnectionObserver>(transitions);
        StateHolds holds = new();
        builder.Services.AddSingleton<IConnectionObserver>(holds);
        memory?.AddTo(builder);
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

        return new(application, transitions, holds, memory);
    }

    /// <summary>Connects a client that sends what it is told, byte by byte.</summary>
    public async Task<RawClient> ConnectAsync() => _memory is null
        ? await RawClient.ConnectAsync(Address)
        : RawClient.Over(await _memory.ConnectAsync(new IPEndPoint(IPAddress.Parse(Address.Host), Address.Port)));

    /// <summary>An HTTP client with the server's address as its base.</summary>
    public HttpClient CreateClient() => _memory?.CreateClient(Address) ?? new() { BaseAddress = Address };

    /// <summary>Finds out which connection a client's is, once the node knows of it.</summary>
    /// <param name="client">The client.</param>
    /// <returns>The connection's identity.</returns>
    /// <exception cref="TimeoutException">It does not come.</exception>
    public async Task<string> IdOfAsync(RawClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        // Purposefully not the last one so far: a request may be served before its connection's actor has said a word.
        for (var count = 1; ; count++)
        {
            var id = (await Transitions.ReachAsync(ConnectionState.New, count))[count - 1];
            if ((await Server.Connection(id).GetAsync())?.Peer == client.LocalEnd)
            {
                return id;
            }
        }
    }

    /// <summary>Holds the actor of the next connection to enter a state, once it has.</summary>
    /// <param name="state">The state.</param>
    /// <param name="id">Only this connection; null, the default: whichever comes first.</param>
    /// <returns>What releases it; 30 s release it too, and so does the server's end.</returns>
    public StateHold Hold(ConnectionState state, string? id = null) => _holds.Add(state, id);

    /// <summary>Stops the host, as SIGTERM would.</summary>
    /// <param name="cancellationToken">The host's patience.</param>
    public Task StopAsync(CancellationToken cancellationToken = default) => _application.StopAsync(cancellationToken);

    /// <summary>Stops without waiting for anybody, and forgets all.</summary>
    public async ValueTask DisposeAsync()
    {
        _holds.Dispose();
        await _application.StopAsync(new CancellationToken(canceled: true));
        await _application.DisposeAsync();
    }
}
