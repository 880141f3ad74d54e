using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Akka.Actor.Setup;
using Akka.Remote.Transport.DotNetty;

namespace ActorServer.Cli.Linking;

/// <summary>Whom a node sees, and which nodes are taken for nodes.</summary>
internal sealed class PeerIdentity : IDisposable
{
    private const string ServerUse = "1.3.6.1.5.5.7.3.1";

    private readonly X509Certificate2Collection _authorities;

    private PeerIdentity(X509Certificate2 certificate, X509Certificate2Collection authorities)
        => (Certificate, _authorities) = (certificate, authorities);

    public X509Certificate2 Certificate { get; }

    /// <summary>Reads the files; null when none is named.</summary>
    /// <exception cref="UsageException">One is missing, or does not hold what it should.</exception>
    public static PeerIdentity? Load(string? ca, string? cert, string? key)
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
            using var pem = X509Certificate2.CreateFromPemFile(cert, key);
            X509Certificate2Collection authorities = [];
            authorities.ImportFromPemFile(ca);
            // Where the keys of PEM files are not taken for connections, those of PKCS 12 are.
            return authorities.Count > 0
                ? new(X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), password: null), authorities)
                : throw new UsageException($"--ca cannot be \"{ca}\": it holds no certificate.");
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"--ca \"{ca}\", --cert \"{cert}\" and --key \"{key}\" cannot be used: {exception.Message}");
        }
    }

    /// <summary>What is wrong with a node's certificate; null when the authority signed it.</summary>
    public string? Problem(X509Certificate2? certificate)
    {
        if (certificate is null)
        {
            return "it has no certificate";
        }

        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        // Not an operator's, who could pose as a node otherwise.
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerUse));
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        return chain.Build(certificate) ? null
            : chain.ChainStatus.All(static s => s.Status == X509ChainStatusFlags.NotTimeValid)
                ? $"its certificate is valid from {certificate.NotBefore.ToUniversalTime():u} to {certificate.NotAfter.ToUniversalTime():u}, not now"
                : $"its certificate is not one that --ca has signed ({string.Join("; ", chain.ChainStatus.Select(static s => s.StatusInformation.Trim()))})";
    }

    /// <summary>What the actor system is started with.</summary>
    public Setup ToSetup()
        => new DotNettySslSetup(
            Certificate, suppressValidation: false, requireMutualAuthentication: true, validateCertificateHostname: false,
            (peer, _, _, _, _) => Problem(peer) is null);

    public void Dispose()
    {
        Certificate.Dispose();
        foreach (var authority in _authorities)
        {
            authority.Dispose();
        }
    }
}
