using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ActorServer.Cli.Tests.Support;

/// <summary>An authority, or one below another, that signs what a test wants.</summary>
internal sealed class Issuer : IDisposable
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _own;

    public Issuer(string name, Issuer? above = null)
    {
        CertificateRequest request = new($"CN={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _own = above is null
            ? request.CreateSelfSigned(Now.AddDays(-9), Now.AddDays(9))
            : request.Create(above._own, Now.AddDays(-8), Now.AddDays(8), RandomNumberGenerator.GetBytes(8)).CopyWithPrivateKey(_key);
    }

    /// <summary>Its certificate, as PEM.</summary>
    public string Pem => _own.ExportCertificatePem();

    /// <summary>Writes a certificate and its key, <c>name.pem</c> and <c>name.key</c>.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="name">The files' name.</param>
    /// <param name="more">What follows it in its file.</param>
    /// <param name="until">In how many days it expires.</param>
    /// <param name="host">Whom it names.</param>
    public void Sign(TestFolder folder, string name, string more = "", int until = 1, string host = "localhost")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(_own, Now.AddDays(-7), Now.AddDays(until), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(folder[$"{name}.pem"], $"{signed.ExportCertificatePem()}\n{more}\n");
        File.WriteAllText(folder[$"{name}.key"], key.ExportPkcs8PrivateKeyPem());
    }

    public void Dispose()
    {
        _own.Dispose();
        _key.Dispose();
    }
}
