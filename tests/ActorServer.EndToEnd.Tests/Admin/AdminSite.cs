using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ActorServer.Actors;
using ActorServer.Admin;
using ActorServer.Core;
using ActorServer.EndToEnd.Tests.Races;
using ActorServer.TestKit;
using Akka.Actor;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ActorServer.EndToEnd.Tests.Admin;

/// <summary>A started server with its admin side, and a client of that. Its endpoint /hold answers when told.</summary>
internal sealed class AdminSite : IAsyncDisposable
{
    public const string Token = "Sesame-opens-0123";

    public static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    private readonly StartedServer _started;
    private readonly TaskCompletionSource _release;
    private readonly HttpClient _http;

    private AdminSite(StartedServer started, TaskCompletionSource release)
    {
        (_started, _release) = (started, release);
        var listening = started.Services.GetRequiredService<AdminServer>().Address!;
        Address = listening.Host is "0.0.0.0" ? new UriBuilder(listening) { Host = "127.0.0.1" }.Uri : listening;
        _http = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = Address, Timeout = WaitMax };
    }

    /// <summary>Where the admin side can be reached from here.</summary>
    public Uri Address { get; }

    /// <summary>Where the application listens.</summary>
    public Uri Application => _started.Address;

    /// <summary>Where the application listens, if at more than one port.</summary>
    public IReadOnlyList<Uri> Applications => _started.Addresses;

    public IActorServer Server => _started.Server;

    public TransitionLog Transitions => _started.Transitions;

    public static async Task<AdminSite> StartAsync(
        Action<AdminOptions>? admin = null,
        Action<DrainOptions>? drain = null,
        Action<WebApplicationBuilder>? configure = null)
    {
        TaskCompletionSource release = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var started = await StartedServer.StartAsync(
            app =>
            {
                app.MapGet("/hello", () => "hello");
                app.MapGet("/hold", async (CancellationToken gone) =>
                {
                    await release.Task.WaitAsync(gone);
                    return "held";
                });
                // Deaf to its abort: the drain's report calls such a one a straggler.
                app.MapGet("/stubborn", () => release.Task);
                app.MapHealthChecks("/readyz", new() { Predicate = check => check.Tags.Contains("ready") });
            },
            builder =>
            {
                builder.AddActorServerAdmin(options =>
                {
                    options.Url = "http://127.0.0.1:0";
                    admin?.Invoke(options);
                });
                configure?.Invoke(builder);
            },
            drain);
        return new(started, release);
    }

    /// <summary>Lets the held answer.</summary>
    public void Release() => _release.TrySetResult();

    /// <summary>Stops the host, with all the patience that it has.</summary>
    public Task StopAsync() => _started.StopAsync();

    /// <summary>Waits until the ports, which somebody has begun to close, are closed.</summary>
    public Task PortsClosedAsync() => _started.PortsClosedAsync();

    public Task<RawClient> ConnectAsync() => RawClient.ConnectAsync(Application);

    /// <summary>A connection to the application, and its identity.</summary>
    public async Task<(RawClient Client, string Id)> AcceptAsync()
    {
        var client = await ConnectAsync();
        return (client, await FindAsync(client));
    }

    /// <summary>A connection to the application that has had one answer.</summary>
    public async Task<(RawClient Client, string Id)> IdleAsync()
    {
        var (client, id) = await AcceptAsync();
        await client.GetAsync("/hello");
        await ReachAsync(id, ConnectionState.Idle);
        return (client, id);
    }

    /// <summary>A connection to the application that waits for its answer.</summary>
    public async Task<(RawClient Client, string Id)> HoldAsync(string path = "/hold")
    {
        var (client, id) = await AcceptAsync();
        await client.SendGetAsync(path);
        await ReachAsync(id, ConnectionState.Active);
        return (client, id);
    }

    /// <summary>Tells the event log of a transition, as a connection's actor would.</summary>
    public void Tell(ConnectionTransition transition)
    {
        foreach (var observer in _started.Services.GetServices<IConnectionObserver>().Where(static o => o.IsInline))
        {
            observer.OnTransition(transition);
        }
    }

    /// <summary>Waits until a connection has entered a state, and the supervisor has been told.</summary>
    public async Task ReachAsync(string id, ConnectionState state, int times = 1)
    {
        await Transitions.ReachAsync(id, state, times);
        // The observers hear of a transition before the supervisor does: the actor is still busy with it.
        await HeardAsync(id);
    }

    /// <summary>Completes when a connection's actor has heard all that it was told before.</summary>
    public Task HeardAsync(string id) => _started.Services.GetRequiredService<ActorSystem>()
        .ActorSelection($"/user/{ActorServerNode.ActorName}/{id}").Ask<ActorIdentity>(new Identify(id), WaitMax);

    public Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, string? body = null, string? token = null)
    {
        var request = new HttpRequestMessage(method, path)
        {
            Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return _http.SendAsync(request);
    }

    public Task<HttpResponseMessage> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<HttpResponseMessage> PostAsync(string path, string? body = null)
        => SendAsync(HttpMethod.Post, path, body);

    /// <summary>GETs what is there, as JSON.</summary>
    public async Task<JsonElement> ReadAsync(string path) => await (await GetAsync(path)).JsonAsync(HttpStatusCode.OK);

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        Release();
        return _started.DisposeAsync();
    }

    // The connection's actor may not have been made yet: it is known as soon as it has told its first state.
    private async Task<string> FindAsync(RawClient client)
    {
        for (var accepted = 1; ; accepted++)
        {
            await Transitions.ReachAsync(ConnectionState.New, accepted);
            var page = await Server.ConnectionsAsync(new(Peer: client.LocalEnd));
            if (page.Items is [var connection])
            {
                return connection.Id;
            }
        }
    }
}
