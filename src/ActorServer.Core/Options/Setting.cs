using System.Globalization;

namespace ActorServer.Core;

/// <summary>One configuration key: where it is read, what it may hold, what it means. The one place that knows all three.</summary>
/// <typeparam name="TOptions">The options it belongs to.</typeparam>
/// <param name="Key">The key below the section <c>ActorServer</c>, with colons.</param>
/// <param name="Default">The default, as it would be written.</param>
/// <param name="Allowed">What may be written.</param>
/// <param name="Meaning">What it does, in a sentence.</param>
/// <param name="TryApply">Reads a text into the options; false when it is not allowed.</param>
/// <param name="Current">The value the options hold, as it would be written, and whether it is allowed.</param>
public sealed record Setting<TOptions>(
    string Key,
    string Default,
    string Allowed,
    string Meaning,
    Func<TOptions, string, bool> TryApply,
    Func<TOptions, (string Text, bool IsAllowed)> Current)
{
    // How to write a value, where that is not plain from what is allowed.
    internal string? Forms { get; init; }
}

/// <summary>Makes settings.</summary>
public static class Setting
{
    private const string None = "none";

    /// <summary>A duration between two bounds.</summary>
    /// <typeparam name="TOptions">The options it belongs to.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="byDefault">The default, as it would be written.</param>
    /// <param name="min">The least allowed.</param>
    /// <param name="max">The most allowed.</param>
    /// <param name="infinite">Infinite is allowed too.</param>
    /// <param name="get">Takes it from the options; null: not set.</param>
    /// <param name="set">Puts it into the options.</param>
    /// <param name="meaning">What it does.</param>
    public static Setting<TOptions> Duration<TOptions>(
        string key, string byDefault, Duration min, Duration max, bool infinite,
        Func<TOptions, Duration?> get, Action<TOptions, Duration> set, string meaning)
    {
        bool IsAllowed(Duration value) => value.IsInfinite ? infinite : value >= min && value <= max;
        return new(
            key, byDefault, $"{min} to {max}{(infinite ? " or infinite" : "")}", meaning,
            (options, text) =>
            {
                if (!Core.Duration.TryParse(text, out var value) || !IsAllowed(value))
                {
                    return false;
                }

                set(options, value);
                return true;
            },
            options => get(options) is { } value ? (value.ToString(), IsAllowed(value)) : (byDefault, true))
        {
            Forms = Core.Duration.Forms,
        };
    }

    /// <summary>A yes or no.</summary>
    /// <typeparam name="TOptions">The options it belongs to.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="byDefault">The default.</param>
    /// <param name="get">Takes it from the options.</param>
    /// <param name="set">Puts it into the options.</param>
    /// <param name="meaning">What it does.</param>
    public static Setting<TOptions> Flag<TOptions>(
        string key, bool byDefault, Func<TOptions, bool> get, Action<TOptions, bool> set, string meaning)
        => new(
            key, Text(byDefault), "true or false", meaning,
            (options, text) =>
            {
                if (!bool.TryParse(text, out var value))
                {
                    return false;
                }

                set(options, value);
                return true;
            },
            options => (Text(get(options)), true));

    /// <summary>A whole number between two bounds.</summary>
    /// <typeparam name="TOptions">The options it belongs to.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="byDefault">The default.</param>
    /// <param name="min">The least allowed.</param>
    /// <param name="max">The most allowed.</param>
    /// <param name="get">Takes it from the options.</param>
    /// <param name="set">Puts it into the options.</param>
    /// <param name="meaning">What it does.</param>
    public static Setting<TOptions> Number<TOptions>(
        string key, long byDefault, long min, long max, Func<TOptions, long> get, Action<TOptions, long> set, string meaning)
    {
        bool IsAllowed(long value) => value >= min && value <= max;
        return new(
            key, Text(byDefault), $"{Text(min)} to {Text(max)}", meaning,
            (options, text) =>
            {
                if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || !IsAllowed(value))
                {
                    return false;
                }

                set(options, value);
                return true;
            },
            options => (Text(get(options)), IsAllowed(get(options))));
    }

    /// <summary>A whole number between two bounds, or none.</summary>
    /// <typeparam name="TOptions">The options it belongs to.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="min">The least allowed.</param>
    /// <param name="max">The most allowed.</param>
    /// <param name="get">Takes it from the options; null: none, the default.</param>
    /// <param name="set">Puts it into the options.</param>
    /// <param name="meaning">What it does.</param>
    public static Setting<TOptions> NumberOrNone<TOptions>(
        string key, int min, int max, Func<TOptions, int?> get, Action<TOptions, int?> set, string meaning)
    {
        var number = Number<TOptions>(key, min, min, max, o => get(o) ?? min, (o, v) => set(o, (int)v), meaning);
        return number with
        {
            Default = None,
            Allowed = $"{number.Allowed} or {None}",
            TryApply = (options, text) =>
            {
                if (!text.Equals(None, StringComparison.OrdinalIgnoreCase))
                {
                    return number.TryApply(options, text);
                }

                set(options, null);
                return true;
            },
            Current = options => get(options) is null ? (None, true) : number.Current(options),
        };
    }

    /// <summary>One of an enum's names.</summary>
    /// <typeparam name="TOptions">The options it belongs to.</typeparam>
    /// <typeparam name="TChoice">The enum.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="byDefault">The default.</param>
    /// <param name="get">Takes it from the options.</param>
    /// <param name="set">Puts it into the options.</param>
    /// <param name="meaning">What it does.</param>
    public static Setting<TOptions> Choice<TOptions, TChoice>(
        string key, TChoice byDefault, Func<TOptions, TChoice> get, Action<TOptions, TChoice> set, string meaning)
        where TChoice : struct, Enum
        => new(
            key, byDefault.ToString(), string.Join(", ", Enum.GetNames<TChoice>()), meaning,
            (options, text) =>
            {
                // Purposefully not by number: a name says what it means.
                var name = Enum.GetNames<TChoice>().FirstOrDefault(n => n.Equals(text, StringComparison.OrdinalIgnoreCase));
                if (name is null)
                {
                    return false;
                }

                set(options, Enum.Parse<TChoice>(name));
                return true;
            },
            options => (get(options).ToString(), Enum.IsDefined(get(options))));

    /// <summary>A text that must pass a check.</summary>
    /// <typeparam name="TOptions">The options it belongs to.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="byDefault">The default, as it would be written or described.</param>
    /// <param name="allowed">What may be written.</param>
    /// <param name="check">Whether a text is allowed.</param>
    /// <param name="get">Takes it from the options; null: not set.</param>
    /// <param name="set">Puts it into the options.</param>
    /// <param name="meaning">What it does.</param>
    public static Setting<TOptions> Text<TOptions>(
        string key, string byDefault, string allowed, Func<string, bool> check,
        Func<TOptions, string?> get, Action<TOptions, string> set, string meaning)
        => new(
            key, byDefault, allowed, meaning,
            (options, text) =>
            {
                if (!check(text))
                {
                    return false;
                }

                set(options, text);
                return true;
            },
            options => get(options) is { } value ? (value, check(value)) : (byDefault, true));

    private static string Text(bool value) => value ? "true" : "false";

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
