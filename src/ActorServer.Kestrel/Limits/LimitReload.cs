using ActorServer.Actors;
using ActorServer.Core;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace ActorServer.Kestrel;

/// <summary>Takes over the limits of a configuration that has changed while the node runs.</summary>
/// <remarks>
/// Purposefully no monitor of options, nor a source of changes for one: it would throw a bad value at whoever has written the file.
/// Sources of the application's own are listened to.
/// </remarks>
internal sealed class LimitReload(
    IConfiguration configuration, IEnumerable<IOptionsChangeTokenSource<ActorServerOptions>> sources,
    IOptionsFactory<ActorServerOptions> factory, ActorServerNode node, Log log)
    : IHostedService, IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<IDisposable> _watches = [];
    private LimitSettings _configured = LimitSettings.None;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _configured = node.Limits;
        _watches.Add(ChangeToken.OnChange(configuration.GetReloadToken, Reload));
        _watches.AddRange(sources.Select(source => ChangeToken.OnChange(source.GetChangeToken, Reload)));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _watches.ForEach(static watch => watch.Dispose());

    private void Reload()
    {
        lock (_lock)
        {
            try
            {
                var limits = factory.Create(Options.DefaultName).Limits.Resolve();
                // What an operator has set stands until somebody writes other limits.
                if (limits != _configured)
                {
                    _configured = limits;
                    node.ChangeLimits(limits, "the configuration");
                }
            }
#pragma warning disable CA1031 // A running node is not stopped by a slip in a file, nor by what the application's own options do.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                log.LimitsNotReloaded(exception.Message);
            }
        }
    }
}
