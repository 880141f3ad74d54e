using System.Security.Cryptography;
using ActorServer.Cluster;

namespace ActorServer.Cli.Linking;

/// <summary><c>--ca</c>, <c>--cert</c> and <c>--key</c>: whom a node sees, and which nodes are taken for nodes.</summary>
internal static class TlsOptions
{
    /// <summary>Reads the files; null when none is named.</summary>
    /// <exception cref="UsageException">One is missing, or does not hold what it should.</exception>
    public static PeerCertificates? Load(string? ca, string? cert, string? key)
    {
        if (ca is null && cert is null && key is null)
        {
            return null;
        }

        if (ca is null || cert is null || key is null)
        {
            throw new UsageException("TLS needs all three: --ca, --cert and --key.");
        }

        try
        {
            // Nodes may trust another authority than the one that has signed them.
            return PeerCertificates.LoadUnchecked(cert, key, ca);
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"--ca \"{ca}\", --cert \"{cert}\" and --key \"{key}\" cannot be used: {exception.Message}");
        }
    }
}
