using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Akka.Actor.Setup;
using Akka.Event;
using Akka.Remote.Transport.DotNetty;

namespace ActorServer.Cluster;

/// <summary>Mutual TLS between actor systems: each shows a certificate, and takes those that one authority has signed.</summary>
public sealed class PeerCertificates : IDisposable
{
    private readonly X509Certificate2 _own;
    private readonly X509Certificate2Collection _between = [];
    private readonly X509Certificate2Collection _authorities = [];

    private PeerCertificates(X509Certificate2 own) => _own = own;

    /// <summary>Reads PEM files.</summary>
    /// <param name="certificate">The own certificate; those that lead to the authority's may follow it.</param>
    /// <param name="key">Its private key.</param>
    /// <param name="authority">The authority's certificate.</param>
    /// <exception cref="CryptographicException">A file does not hold what it should, or the certificate is not the authority's.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static PeerCertificates Load(string certificate, string key, string authority)
    {
        using var pem = X509Certificate2.CreateFromPemFile(certificate, key);
        // Where keys of PEM files are not taken for connections, those of PKCS 12 are.
        PeerCertificates peers = new(X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), password: null));
        try
        {
            peers._between.ImportFromPemFile(certificate);
            peers._authorities.ImportFromPemFile(authority);
            if (peers._authorities.Count == 0)
            {
                throw new CryptographicException($"{authority} holds no certificate.");
            }

            return peers.IsSigned(peers._own, []) is { } problem
                ? throw new CryptographicException($"The certificate would be refused by its peers: {problem}")
                : peers;
        }
        catch
        {
            peers.Dispose();
            throw;
        }
    }

    /// <summary>What an actor system is started with, beside <c>akka.remote.dot-netty.tcp.enable-ssl = true</c>.</summary>
    public Setup ToSetup()
        => new DotNettySslSetup(
            _own, suppressValidation: false, requireMutualAuthentication: true, validateCertificateHostname: false,
            // Not the computer's authorities: anybody's certificate has one of those.
            (peer, chain, _, _, log) =>
            {
                var problem = peer is null ? "it has none" : IsSigned(peer, [.. chain?.ChainElements.Select(static e => e.Certificate) ?? []]);
                if (problem is not null)
                {
                    log.Warning("A peer's certificate is refused: {0}", problem);
                }

                return problem is null;
            });

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var certificate in _between.Concat(_authorities).Append(_own))
        {
            certificate.Dispose();
        }
    }

    private string? IsSigned(X509Certificate2 certificate, X509Certificate2Collection between)
    {
        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        chain.ChainPolicy.ExtraStore.AddRange(_between);
        chain.ChainPolicy.ExtraStore.AddRange(between);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        return chain.Build(certificate) ? null : string.Join("; ", chain.ChainStatus.Select(static s => s.StatusInformation.Trim()));
    }
}
