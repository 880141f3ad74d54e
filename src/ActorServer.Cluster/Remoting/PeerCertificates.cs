using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Akka.Actor.Setup;
using Akka.Event;
using Akka.Remote.Transport.DotNetty;

namespace ActorServer.Cluster;

/// <summary>Mutual TLS between actor systems: each shows a certificate, and takes those that one authority has signed.</summary>
public sealed class PeerCertificates : IDisposable
{
    private const string ServerUse = "1.3.6.1.5.5.7.3.1";

    private readonly X509Certificate2Collection _between = [];
    private readonly X509Certificate2Collection _authorities = [];

    private PeerCertificates(X509Certificate2 own) => Own = own;

    /// <summary>What is shown.</summary>
    internal X509Certificate2 Own { get; }

    /// <summary>Reads PEM files.</summary>
    /// <param name="certificate">The own certificate; those that lead to the authority's may follow it.</param>
    /// <param name="key">Its private key.</param>
    /// <param name="authority">The authority's certificate; those between it and what it is to vouch for may follow it.</param>
    /// <exception cref="CryptographicException">A file does not hold what it should, or the certificate is not the authority's.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static PeerCertificates Load(string certificate, string key, string authority)
    {
        var peers = LoadUnchecked(certificate, key, authority);
        if (peers.Problem(peers.Own) is { } problem)
        {
            peers.Dispose();
            throw new CryptographicException($"The certificate would be refused by its peers: {problem}.");
        }

        return peers;
    }

    /// <summary>Sets up an actor system, beside <c>akka.remote.dot-netty.tcp.enable-ssl = true</c>.</summary>
    public Setup ToSetup() => ToSetup(isServer: false);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var certificate in _between.Concat(_authorities).Append(Own))
        {
            certificate.Dispose();
        }
    }

    /// <summary>Like <see cref="Load"/>, for one whose peers may trust another authority than the one that signed them.</summary>
    internal static PeerCertificates LoadUnchecked(string certificate, string key, string authority)
    {
        using var pem = X509Certificate2.CreateFromPemFile(certificate, key);
        // Where keys of PEM files are not taken for connections, those of PKCS 12 are.
        PeerCertificates peers = new(X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), password: null));
        try
        {
            peers._between.ImportFromPemFile(certificate);
            peers._authorities.ImportFromPemFile(authority);
            return peers._authorities.Count > 0 ? peers : throw new CryptographicException($"{authority} holds no certificate.");
        }
        catch
        {
            peers.Dispose();
            throw;
        }
    }

    /// <summary>Sets up an actor system.</summary>
    /// <param name="isServer">The peers' certificates must be those of servers: not an operator's, who could pose as a node otherwise.</param>
    internal Setup ToSetup(bool isServer)
        => new DotNettySslSetup(
            Own, suppressValidation: false, requireMutualAuthentication: true, validateCertificateHostname: false,
            (peer, chain, _, _, log) =>
            {
                var problem = Problem(peer, chain, isServer);
                if (problem is not null)
                {
                    log.Warning("A peer is refused: {0}", problem);
                }

                return problem is null;
            });

    /// <summary>What is wrong with a peer's certificate, in a clause; null when the authority signed it.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="shown">What came with it.</param>
    /// <param name="isServer">It must be that of a server.</param>
    internal string? Problem(X509Certificate2? certificate, X509Chain? shown = null, bool isServer = false)
    {
        if (certificate is null)
        {
            return "it has no certificate";
        }

        using X509Chain chain = new();
        // Not the computer's authorities: anybody's certificate has one of those.
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        // Few send what is between their certificate and the authority's: whoever shares it with them knows it.
        chain.ChainPolicy.ExtraStore.AddRange(_between);
        foreach (var element in shown?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        if (isServer)
        {
            chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerUse));
        }

        return chain.Build(certificate) ? null
            : chain.ChainStatus.All(static s => s.Status == X509ChainStatusFlags.NotTimeValid)
                ? $"its certificate is valid from {certificate.NotBefore.ToUniversalTime():u} to {certificate.NotAfter.ToUniversalTime():u}, not now"
                : $"its certificate is not one that the authority has signed ({string.Join("; ", chain.ChainStatus.Select(static s => s.StatusInformation.Trim()))})";
    }
}
