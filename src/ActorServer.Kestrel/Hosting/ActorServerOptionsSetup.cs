using ActorServer.Core;
using Microsoft.Extensions.Options;

namespace ActorServer.Kestrel;

/// <summary>Reads the configuration over what the code has set, and refuses what is not allowed.</summary>
internal sealed class ActorServerOptionsSetup(IConfiguration configuration)
    : IPostConfigureOptions<ActorServerOptions>, IValidateOptions<ActorServerOptions>
{
    private IReadOnlyList<string> _errors = [];

    public void PostConfigure(string? name, ActorServerOptions options)
        => _errors = ActorServerSettings.Table.Read(
            options, configuration.GetSection(ActorServerOptions.Section).AsEnumerable(makePathsRelative: true));

    public ValidateOptionsResult Validate(string? name, ActorServerOptions options)
        => _errors.Concat(ActorServerSettings.Table.Validate(options)).ToList() is { Count: > 0 } errors
            ? ValidateOptionsResult.Fail(errors)
            : ValidateOptionsResult.Success;
}

/// <summary>Raises a host's shutdown timeout that nobody has set, so that it does not cut a drain short.</summary>
internal sealed class ShutdownTimeoutSetup(DrainSettings settings) : IPostConfigureOptions<HostOptions>
{
    private static readonly TimeSpan Untouched = new HostOptions().ShutdownTimeout;

    public void PostConfigure(string? name, HostOptions options)
    {
        if (options.ShutdownTimeout == Untouched && settings.Total > Untouched)
        {
            options.ShutdownTimeout = settings.Total.IsInfinite ? Timeout.InfiniteTimeSpan : settings.Total.Value;
        }
    }
}
