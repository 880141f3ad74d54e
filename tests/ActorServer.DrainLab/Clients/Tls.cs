using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ActorServer.DrainLab;

/// <summary>A certificate made at the start, which nobody but these clients trusts.</summary>
internal static class Tls
{
    public static SslClientAuthenticationOptions Options(SslApplicationProtocol protocol) => new()
    {
        TargetHost = "127.0.0.1",
        ApplicationProtocols = [protocol],
#pragma warning disable CA5359 // The lab's server is on loopback and was started by the lab.
        RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
    };

    /// <summary>Writes a certificate and its key as PEM files.</summary>
    public static void Write(string certificatePath, string keyPath, TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = time.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        File.WriteAllText(certificatePath, certificate.ExportCertificatePem());
        File.WriteAllText(keyPath, key.ExportPkcs8PrivateKeyPem());
    }
}
