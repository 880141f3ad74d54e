namespace ActorServer.Core;

/// <summary>Which request ids are taken from a client.</summary>
public static class RequestId
{
    /// <summary>The longest one.</summary>
    public const int LengthMax = 128;

    /// <summary>Whether a client's id can be taken over: into headers, lines and scopes, without escaping.</summary>
    /// <param name="text">The id.</param>
    /// <returns>True for 1 to 128 characters, each a letter, a digit, of <c>!#$%&amp;'*+-.^_`|~</c> or of <c>/=:@</c>.</returns>
    public static bool IsValid(string? text)
    {
        if (text is not { Length: >= 1 and <= LengthMax })
        {
            return false;
        }

        foreach (var c in text)
        {
            if (!IsTokenCharacter(c) && c is not ('/' or '=' or ':' or '@'))
            {
                return false;
            }
        }

        return true;
    }

    // RFC 9110, 5.6.2.
    internal static bool IsTokenCharacter(char c)
        => char.IsAsciiLetterOrDigit(c)
            || c is '!' or '#' or '$' or '%' or '&' or '\'' or '*' or '+' or '-' or '.' or '^' or '_' or '`' or '|' or '~';
}
