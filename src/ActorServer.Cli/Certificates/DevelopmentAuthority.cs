using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ActorServer.Cli.Certificates;

/// <summary>An authority for one development cluster, and what it signs.</summary>
/// <param name="time">The clock.</param>
/// <param name="days">How long all of it is valid.</param>
internal sealed class DevelopmentAuthority(TimeProvider time, int days)
{
    private const string ServerUse = "1.3.6.1.5.5.7.3.1";
    private const string ClientUse = "1.3.6.1.5.5.7.3.2";
    private const int SerialLength = 16;

    // Clocks differ.
    private static readonly TimeSpan Before = TimeSpan.FromMinutes(5);

    /// <summary>The authority's, a node's and an operator's certificate and key.</summary>
    /// <param name="hosts">Names and addresses of nodes.</param>
    public IReadOnlyList<PemFile> Make(IEnumerable<string> hosts)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=ActorServer development authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = time.GetUtcNow();
        using var authority = request.CreateSelfSigned(now - Before, now.AddDays(days));
        return
        [
            new("ca.pem", authority.ExportCertificatePem(), IsSecret: false),
            new("ca.key", key.ExportPkcs8PrivateKeyPem(), IsSecret: true),
            .. Sign(authority, "node", [ServerUse, ClientUse], hosts),
            .. Sign(authority, "operator", [ClientUse], []),
        ];
    }

    private static PemFile[] Sign(X509Certificate2 authority, string name, IEnumerable<string> uses, IEnumerable<string> hosts)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN=ActorServer {name}", key, HashAlgorithmName.SHA256);
        OidCollection oids = [];
        foreach (var use in uses)
        {
            oids.Add(new Oid(use));
        }

        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(oids, false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        AddNames(request, hosts);
        using var certificate = request.Create(authority, authority.NotBefore, authority.NotAfter, RandomNumberGenerator.GetBytes(SerialLength));
        return
        [
            new($"{name}.pem", certificate.ExportCertificatePem(), IsSecret: false),
            new($"{name}.key", key.ExportPkcs8PrivateKeyPem(), IsSecret: true),
        ];
    }

    private static void AddNames(CertificateRequest request, IEnumerable<string> hosts)
    {
        SubjectAlternativeNameBuilder names = new();
        var any = false;
        foreach (var host in hosts)
        {
            any = true;
            if (IPAddress.TryParse(host, out var address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(host);
            }
        }

        if (any)
        {
            request.CertificateExtensions.Add(names.Build());
        }
    }
}
