using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace ActorServer.Cli.Linking;

/// <summary>Where a node is: what it calls itself, since it drops mail to any other name.</summary>
internal sealed partial record NodeAddress(bool Tls, string System, string Host, int Port)
{
    /// <summary>The local node.</summary>
    public const string Default = "127.0.0.1:4053";

    private const int PortDefault = 4053;

    /// <summary>The protocol of the address: TLS has a name of its own.</summary>
    public string Protocol => Tls ? "akka.ssl.tcp" : "akka.tcp";

    /// <summary>The host within a URL, as Akka writes its addresses: IPv6 stands in brackets.</summary>
    public string UrlHost => Bracketed(Host);

    /// <summary>Puts an IPv6 address into brackets.</summary>
    public static string Bracketed(string host) => host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;

    /// <summary>Where a member of the cluster is, as its node compares it: in full, or its host and port.</summary>
    /// <param name="text">As an operator writes it.</param>
    /// <exception cref="UsageException">It is none.</exception>
    public static string MemberAt(string text)
    {
        var tls = text.StartsWith("akka.ssl.tcp://", StringComparison.Ordinal);
        var address = Parse(text, tls, "HOST:PORT");
        return text.Contains("://", StringComparison.Ordinal)
            ? address.ToString()
            : string.Create(CultureInfo.InvariantCulture, $"{address.UrlHost}:{address.Port}");
    }

    /// <summary>Reads an address.</summary>
    /// <param name="text">As an operator writes it.</param>
    /// <param name="tls">He brings a certificate.</param>
    /// <param name="what">What it is given as.</param>
    /// <exception cref="UsageException">It is none.</exception>
    public static NodeAddress Parse(string text, bool tls, string what = "--node")
    {
        var match = Form().Match(text);
        var port = PortDefault;
        if (!match.Success
            || Uri.CheckHostName(match.Groups["host"].Value) == UriHostNameType.Unknown
            || (match.Groups["port"] is { Success: true } digits
                && !(int.TryParse(digits.Value, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= IPEndPoint.MaxPort)))
        {
            throw new UsageException(
                $"{what} cannot be \"{Screens.Plain.Text(text)}\": write HOST, HOST:PORT or akka.tcp://SYSTEM@HOST:PORT.");
        }

        var protocol = match.Groups["protocol"];
        if (protocol.Success && (protocol.Value == "akka.ssl.tcp") != tls)
        {
            throw new UsageException(tls
                ? $"{text} is an address without TLS, and --ca, --cert and --key are given: write akka.ssl.tcp://…"
                : $"{text} is an address with TLS: give --ca, --cert and --key.");
        }

        // A node is told its address in figures unless somebody says otherwise, and takes no mail to localhost then.
        var host = match.Groups["host"].Value.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? "127.0.0.1" : match.Groups["host"].Value;
        return new(tls, match.Groups["system"] is { Success: true } system ? system.Value : "ActorServer", host.Trim('[', ']'), port);
    }

    public override string ToString()
        => string.Create(CultureInfo.InvariantCulture, $"{Protocol}://{System}@{UrlHost}:{Port}");

    [GeneratedRegex(
        @"^((?<protocol>akka\.(ssl\.)?tcp)://(?<system>[A-Za-z0-9][A-Za-z0-9_-]*)@)?(?<host>\[[^\]]+\]|[^:/@\s\[\]]+)(:(?<port>[0-9]+))?(/|/user/actor-server)?$",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
