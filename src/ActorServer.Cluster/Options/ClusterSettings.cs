using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using ActorServer.Core;

namespace ActorServer.Cluster;

/// <summary>The configuration keys of <see cref="ClusterOptions"/>.</summary>
public static class ClusterSettings
{
    private const string SeedForm = "host:port, separated by commas, or a list";

    /// <summary>The table.</summary>
    public static SettingTable<ClusterOptions> Table { get; } = new([
        Setting.Text<ClusterOptions>(
            "Cluster:Hostname", "127.0.0.1", "a host name or IP address that others reach this node by", IsHost,
            o => o.Hostname, (o, v) => o.Hostname = v,
            "Where Akka's remoting listens, and how other nodes reach this one. Beyond loopback it needs TLS."),
        Setting.Number<ClusterOptions>(
            "Cluster:Port", 4053, 0, IPEndPoint.MaxPort, o => o.Port, (o, v) => o.Port = (int)v,
            "The port of Akka's remoting; 0 takes a free one."),
        Setting.Text<ClusterOptions>(
            "Cluster:SeedNodes", "none", SeedForm, text => List(text).All(IsHostAndPort),
            o => Text(o.SeedNodes), (o, v) => Set(o.SeedNodes, v),
            "Nodes to join the cluster by. Without any the node is a cluster of itself."),
        Setting.Text<ClusterOptions>(
            "Cluster:Roles", "none", "names, separated by commas, or a list", text => List(text).All(IsRole),
            o => Text(o.Roles), (o, v) => Set(o.Roles, v), "The node's roles in the cluster."),
        File("Certificate", o => o.Tls.Certificate, (o, v) => o.Tls.Certificate = v, "The node's certificate for its peers."),
        File("Key", o => o.Tls.Key, (o, v) => o.Tls.Key = v, "The certificate's private key."),
        File("Authority", o => o.Tls.Authority, (o, v) => o.Tls.Authority = v,
            "The certificate of the authority: peers without one that it has signed are turned away."),
        Setting.Flag<ClusterOptions>(
            "Cluster:AllowInsecure", false, o => o.AllowInsecure, (o, v) => o.AllowInsecure = v,
            "Listen beyond loopback without TLS."),
    ]);

    /// <summary>What is wrong with options that are allowed each by itself; null when nothing is.</summary>
    internal static string? Conflict(ClusterOptions options)
    {
        var tls = options.Tls;
        if (!tls.IsSet)
        {
            return !IsHost(options.Hostname) || IsLoopback(options.Hostname) || options.AllowInsecure
                ? null
                : $"ActorServer:Cluster:Hostname \"{options.Hostname}\" listens beyond loopback, where anybody could drain this node: "
                    + "set ActorServer:Cluster:Tls:Certificate, Key and Authority, or say ActorServer:Cluster:AllowInsecure=true.";
        }

        if (tls is not { Certificate: not null, Key: not null, Authority: not null })
        {
            return "ActorServer:Cluster:Tls needs all of Certificate, Key and Authority.";
        }

        try
        {
            using var certificate = PeerCertificates.Load(tls.Certificate, tls.Key, tls.Authority);
            return null;
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            return $"ActorServer:Cluster:Tls cannot be used with Certificate \"{tls.Certificate}\", Key \"{tls.Key}\" "
                + $"and Authority \"{tls.Authority}\": {exception.Message}";
        }
    }

    internal static bool IsLoopback(string host)
        => host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    private static Setting<ClusterOptions> File(
        string key, Func<ClusterOptions, string?> get, Action<ClusterOptions, string> set, string meaning)
        => Setting.Text(
            $"Cluster:Tls:{key}", "none", "the path of a PEM file", static text => System.IO.File.Exists(text), get, set, meaning);

    // Purposefully not the addresses that mean "all": other nodes are told this one.
    private static bool IsHost(string text)
        => IPAddress.TryParse(text, out var address)
            ? !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any)
            : Uri.CheckHostName(text) == UriHostNameType.Dns;

    private static bool IsHostAndPort(string text)
        => text.LastIndexOf(':') is var colon and > 0
            && IsHost(text[..colon].Trim('[', ']'))
            && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port is > 0 and <= IPEndPoint.MaxPort;

    private static bool IsRole(string text) => text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    private static string[] List(string text)
        => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static string? Text(IList<string> list) => list.Count == 0 ? null : string.Join(',', list);

    private static void Set(IList<string> list, string text)
    {
        list.Clear();
        foreach (var item in List(text))
        {
            list.Add(item);
        }
    }
}
