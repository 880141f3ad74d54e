using ActorServer.Core;

namespace ActorServer.Admin;

/// <summary>The options of the admin side: the keys under <c>ActorServer:Admin</c>.</summary>
public sealed class AdminOptions
{
    /// <summary>
    /// Where it listens: an http URL of host and port, port 0 of an IP address for any free one. Default <c>http://127.0.0.1:5081</c>.
    /// </summary>
    public string Url { get; set; } = "http://127.0.0.1:5081";

    /// <summary>The bearer token that changes need, at least 16 characters. Default: none.</summary>
    public string? Token { get; set; }

    /// <summary>Without a token, listen beyond loopback all the same. Default false.</summary>
    public bool AllowAnonymous { get; set; }

    internal bool IsLoopback => new Uri(Url).IsLoopback;
}

/// <summary>The configuration keys of <see cref="AdminOptions"/>.</summary>
public static class AdminSettings
{
    /// <summary>The shortest token.</summary>
    public const int TokenLengthMin = 16;

    /// <summary>The table.</summary>
    public static SettingTable<AdminOptions> Table { get; } = new(
        [
            Setting.Text<AdminOptions>(
                "Admin:Url", "http://127.0.0.1:5081",
                "an http URL of an IP address, or of localhost and a port, like http://127.0.0.1:5081", IsUrl,
                o => o.Url, (o, v) => o.Url = v, "Where the admin side listens; port 0 takes any free one."),
            Setting.Text<AdminOptions>(
                "Admin:Token", "none", $"at least {TokenLengthMin} printable ASCII characters, no space", IsToken,
                o => o.Token, (o, v) => o.Token = v, "The bearer token that every change needs."),
            Setting.Flag<AdminOptions>(
                "Admin:AllowAnonymous", false, o => o.AllowAnonymous, (o, v) => o.AllowAnonymous = v,
                "Listen beyond loopback without a token."),
        ],
        isSecret: key => key == "Admin:Token");

    /// <summary>What is wrong with options that are allowed each by itself; null when nothing is.</summary>
    internal static string? Conflict(AdminOptions options)
        => !IsUrl(options.Url) || options.IsLoopback || options.Token is not null || options.AllowAnonymous
            ? null
            : $"ActorServer:Admin:Url \"{options.Url}\" listens beyond loopback, where anybody could drain this node: "
                + "set ActorServer:Admin:Token, or say ActorServer:Admin:AllowAnonymous=true.";

    private static bool IsUrl(string text)
        => Uri.TryCreate(text, UriKind.Absolute, out var url)
            && url is { Scheme: "http", PathAndQuery: "/", Fragment: "", UserInfo: "" }
            && !text.Any(char.IsWhiteSpace)
            // Port 0 of localhost would be two ports, of IPv4 and IPv6, and not the same.
            && (url.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6 || url is { Host: "localhost", Port: not 0 });

    private static bool IsToken(string text) => text.Length >= TokenLengthMin && text.All(c => c is > ' ' and <= '~');
}
