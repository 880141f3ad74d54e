using ActorServer.Core;
using Microsoft.Extensions.Options;

namespace ActorServer.Admin;

/// <summary>Reads the configuration over what the code has set, and refuses what is not allowed.</summary>
internal sealed class AdminOptionsSetup(IConfiguration configuration)
    : IPostConfigureOptions<AdminOptions>, IValidateOptions<AdminOptions>
{
    private IReadOnlyList<string> _errors = [];

    public void PostConfigure(string? name, AdminOptions options)
        => _errors = AdminSettings.Table.Read(
            options, configuration.GetSection(ActorServerOptions.Section).AsEnumerable(makePathsRelative: true));

    public ValidateOptionsResult Validate(string? name, AdminOptions options)
    {
        List<string> errors = [.. _errors, .. AdminSettings.Table.Validate(options)];
        if (AdminSettings.Conflict(options) is { } conflict)
        {
            errors.Add(conflict);
        }

        return errors.Count > 0 ? ValidateOptionsResult.Fail(errors.Distinct()) : ValidateOptionsResult.Success;
    }
}
