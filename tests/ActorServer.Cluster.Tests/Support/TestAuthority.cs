using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ActorServer.Cluster.Tests.Support;

/// <summary>An authority made on the spot, and certificates that it signs, as PEM files.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("authority");
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _own;

    public TestAuthority()
    {
        CertificateRequest request = new("CN=an authority", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        _own = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
        File.WriteAllText(Path, _own.ExportCertificatePem());
    }

    public string Path => System.IO.Path.Combine(_folder.FullName, "authority.pem");

    public (string Certificate, string Key) Sign(string name, bool isOperator = false)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        if (isOperator)
        {
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2")], critical: true));
        }

        var now = TimeProvider.System.GetUtcNow();
        using var signed = request.Create(_own, now.AddDays(-1), now.AddDays(1), RandomNumberGenerator.GetBytes(8));
        var files = (System.IO.Path.Combine(_folder.FullName, $"{name}.pem"), System.IO.Path.Combine(_folder.FullName, $"{name}.key"));
        File.WriteAllText(files.Item1, signed.ExportCertificatePem());
        File.WriteAllText(files.Item2, key.ExportPkcs8PrivateKeyPem());
        return files;
    }

    public void Configure(ClusterOptions options, string name, bool isOperator = false)
    {
        (options.Tls.Certificate, options.Tls.Key) = Sign(name, isOperator);
        options.Tls.Authority = Path;
    }

    public void Dispose()
    {
        _own.Dispose();
        _key.Dispose();
        _folder.Delete(recursive: true);
    }
}
