using System.Net.Sockets;
using ActorServer.Actors;
using ActorServer.Kestrel;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace ActorServer.Admin;

/// <summary>The admin side: a web application of its own beside the application's.</summary>
/// <remarks>Purposefully not one more endpoint of the application: that would override its <c>--urls</c>, and be drained with it.</remarks>
public sealed class AdminServer : IHostedLifecycleService, IAsyncDisposable, IDisposable
{
    private const long BodyMax = 64 * 1024;
    private static readonly TimeSpan StopWait = TimeSpan.FromSeconds(1);

    private readonly IServiceProvider _application;
    private readonly AdminOptions _options;
    private WebApplication? _admin;

    /// <summary>Made by the application's services.</summary>
    /// <param name="application">The application's services.</param>
    /// <param name="options">The options.</param>
    public AdminServer(IServiceProvider application, IOptions<AdminOptions> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_application, _options) = (application, options.Value);
    }

    /// <summary>Where it listens, once it does; null before.</summary>
    public Uri? Address { get; private set; }

    /// <inheritdoc/>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        // Empty: the application's URLs, Kestrel configuration and environment are none of its own.
        var builder = WebApplication.CreateEmptyBuilder(new() { ApplicationName = typeof(AdminServer).Assembly.GetName().Name });
        builder.WebHost.UseKestrelCore().UseUrls(_options.Url).ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = BodyMax;
        });
        PatientTransport.Add(builder.Services, _application);
        builder.Services.AddRoutingCore();
        builder.Services.AddProblemDetails();
        builder.Services.Configure<JsonOptions>(json => AdminJson.Configure(json.SerializerOptions));
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddSingleton(_application.GetRequiredService<ILoggerFactory>());
        builder.Services.AddSingleton(_application.GetRequiredService<IActorServer>());
        builder.Services.AddSingleton(_application.GetRequiredService<IAccessLog>());
        builder.Services.AddSingleton(_application.GetRequiredService<HealthCheckService>());
        builder.Services.AddSingleton(_application.GetRequiredService<EventLog>());
        builder.Services.AddSingleton(_application.GetRequiredService<TimeProvider>());
        builder.Services.AddSingleton(_options);
        builder.Services.AddSingleton<Log>();
        _admin = builder.Build();
        _admin.UseExceptionHandler(AdminProblems.OnException());
        _admin.UseStatusCodePages(AdminProblems.Explain);
        _admin.UseMiddleware<AdminGuard>();
        _admin.UseRouting();
        _admin.MapHealth();
        _admin.MapConnections();
        _admin.MapDrain();
        _admin.MapSteering();
        _admin.MapLimits();
        _admin.MapEvents();
        await ListenAsync(_admin, cancellationToken);
        Address = new(_admin.Urls.Single());
        _admin.Services.GetRequiredService<Log>().Listening(Address);
    }

    /// <inheritdoc/>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        if (_admin is not null)
        {
            // Its readers are told to end; one that does not is not waited for.
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(StopWait);
            await _admin.StopAsync(patience.Token);
        }
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _admin?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => ((IDisposable?)_admin)?.Dispose();

    private async Task ListenAsync(WebApplication admin, CancellationToken cancellationToken)
    {
        try
        {
            await admin.StartAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            // Which of the process's ports it is, and what sets it, Kestrel cannot know.
            throw new IOException(
                $"The admin side cannot listen on {_options.Url}, its ActorServer:Admin:Url: {exception.Message}", exception);
        }
    }

    /// <summary>Signals are the application's: the admin side ends when that has ended.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
