namespace ActorServer.Core;

/// <summary>All the settings of one options class: reads configuration into it, and says what is wrong.</summary>
/// <typeparam name="TOptions">The options class.</typeparam>
/// <param name="settings">The settings.</param>
/// <param name="isSecret">Keys whose values are not repeated in messages.</param>
public sealed class SettingTable<TOptions>(IReadOnlyList<Setting<TOptions>> settings, Predicate<string>? isSecret = null)
{
    /// <summary>The settings, in the order of the documentation.</summary>
    public IReadOnlyList<Setting<TOptions>> Settings => settings;

    /// <summary>Reads configuration values into options.</summary>
    /// <param name="options">The options to fill.</param>
    /// <param name="values">Keys below the section <c>ActorServer</c>, and their texts. Other sections' keys are not ours.</param>
    /// <returns>What is wrong, a sentence each; empty when all is well.</returns>
    public IReadOnlyList<string> Read(TOptions options, IEnumerable<KeyValuePair<string, string?>> values)
    {
        List<string> errors = [];
        foreach (var (key, text) in values)
        {
            if (text is null)
            {
                continue;
            }

            var setting = settings.FirstOrDefault(s => s.Key.Equals(key, StringComparison.OrdinalIgnoreCase));
            if (setting is null)
            {
                if (settings.Any(s => InSameSection(s.Key, key)))
                {
                    errors.Add($"{ActorServerOptions.Section}:{key} is not a setting; "
                        + $"the settings here are {string.Join(", ", settings.Where(s => InSameSection(s.Key, key)).Select(s => s.Key))}.");
                }
            }
            else if (!setting.TryApply(options, text))
            {
                errors.Add(Describe(setting, text));
            }
        }

        return errors;
    }

    /// <summary>Checks options, wherever their values came from.</summary>
    /// <param name="options">The options.</param>
    /// <returns>What is wrong, a sentence each; empty when all is well.</returns>
    public IReadOnlyList<string> Validate(TOptions options)
        => [.. from setting in settings let current = setting.Current(options)
               where !current.IsAllowed select Describe(setting, current.Text)];

    /// <summary>The settings as a Markdown table, for the documentation.</summary>
    public string ToMarkdown()
        => string.Join('\n', [
            "| key | default | allowed | meaning |", "|---|---|---|---|",
            .. settings.Select(s => $"| `{ActorServerOptions.Section}:{s.Key}` | {s.Default} | {s.Allowed} | {s.Meaning} |")]);

    private string Describe(Setting<TOptions> setting, string text)
    {
        var shown = isSecret?.Invoke(setting.Key) == true ? "the value given" : $"\"{text}\"";
        return $"{ActorServerOptions.Section}:{setting.Key} cannot be {shown}; allowed: {setting.Allowed}"
            + (setting.Forms is { } forms ? $" ({forms})." : ".");
    }

    // "Drain:LameDuk" is a slip in a section of ours; "Whatever:Key" may be somebody else's.
    private static bool InSameSection(string known, string key)
        => known.LastIndexOf(':') is var end and > 0
            && key.StartsWith(known[..(end + 1)], StringComparison.OrdinalIgnoreCase);
}
