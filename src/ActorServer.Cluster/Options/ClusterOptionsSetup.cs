using ActorServer.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace ActorServer.Cluster;

/// <summary>Reads the configuration over what the code has set, and refuses what is not allowed.</summary>
internal sealed class ClusterOptionsSetup(IConfiguration configuration)
    : IPostConfigureOptions<ClusterOptions>, IValidateOptions<ClusterOptions>
{
    private static readonly string[] Lists = ["Cluster:SeedNodes", "Cluster:Roles"];

    private IReadOnlyList<string> _errors = [];

    public void PostConfigure(string? name, ClusterOptions options)
        => _errors = ClusterSettings.Table.Read(options, Values(configuration.GetSection(ActorServerOptions.Section)));

    public ValidateOptionsResult Validate(string? name, ClusterOptions options)
    {
        List<string> errors = [.. _errors, .. ClusterSettings.Table.Validate(options)];
        if (errors.Count == 0 && ClusterSettings.Conflict(options) is { } conflict)
        {
            errors.Add(conflict);
        }

        return errors.Count > 0 ? ValidateOptionsResult.Fail(errors.Distinct()) : ValidateOptionsResult.Success;
    }

    // A list of a JSON file has a key for each item: together they are one text.
    private static List<KeyValuePair<string, string?>> Values(IConfigurationSection section)
    {
        var all = section.AsEnumerable(makePathsRelative: true).ToList();
        foreach (var list in Lists)
        {
            var items = section.GetSection(list).GetChildren().Select(static c => c.Value).OfType<string>().ToList();
            if (items.Count > 0)
            {
                all.RemoveAll(v => v.Key.StartsWith(list + ":", StringComparison.OrdinalIgnoreCase));
                all.Add(new(list, string.Join(',', items)));
            }
        }

        return all;
    }
}
