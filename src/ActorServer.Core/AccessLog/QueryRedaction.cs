using System.Text;

namespace ActorServer.Core;

/// <summary>Takes the values of query parameters out of targets and referers: tokens travel there.</summary>
internal sealed class QueryRedaction
{
    private const string Redacted = "REDACTED";
    private const string All = "*";

    private readonly bool _all;
    private readonly HashSet<string> _names;

    private QueryRedaction(bool all, HashSet<string> names) => (_all, _names) = (all, names);

    /// <summary>Whether a text names parameters, or all of them.</summary>
    public static bool IsValid(string text) => text == All || text.Split(',').All(static name => name.Trim().Length > 0);

    /// <summary>Reads names separated by commas, or <c>*</c>.</summary>
    /// <returns>Null when there is nothing to take out.</returns>
    public static QueryRedaction? Parse(string? text)
        => string.IsNullOrEmpty(text) ? null
            : new(text == All, text.Split(',').Select(static name => name.Trim()).ToHashSet(StringComparer.OrdinalIgnoreCase));

    /// <summary>The address with the values taken out; the same string when there are none.</summary>
    public string Apply(string address)
    {
        var query = address.IndexOf('?', StringComparison.Ordinal) + 1;
        if (query == 0)
        {
            return address;
        }

        var fragment = address.IndexOf('#', query);
        var end = fragment < 0 ? address.Length : fragment;
        StringBuilder text = new(address.Length);
        text.Append(address, 0, query);
        var separator = "";
        foreach (var parameter in address[query..end].Split('&'))
        {
            text.Append(separator).Append(Apply(parameter, parameter.IndexOf('=', StringComparison.Ordinal)));
            separator = "&";
        }

        // A fragment is not sent in targets; a referer that has one all the same may carry a token in it.
        return text.Append(address, end, _all ? 0 : address.Length - end).ToString();
    }

    private string Apply(string parameter, int equals)
    {
        if (_all)
        {
            // A parameter without a name may well be the secret itself.
            return parameter.Length == 0 ? parameter : equals > 0 ? $"{parameter[..equals]}={Redacted}" : Redacted;
        }

        var name = equals < 0 ? parameter : parameter[..equals];
        return equals >= 0 && _names.Contains(Decode(name)) ? $"{name}={Redacted}" : parameter;
    }

    // As the application decodes it: a name cannot be hidden behind %74oken.
    private static string Decode(string name) => Uri.UnescapeDataString(name.Replace('+', ' ')).Trim();
}
