using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ActorServer.Cli.Tests.Support;

namespace ActorServer.Cli.Tests;

public sealed class CertsSpecs : IDisposable
{
    private static readonly string[] Names = ["ca.pem", "ca.key", "node.pem", "node.key", "operator.pem", "operator.key"];

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Files_are_written_and_named_and_keys_are_the_owners_alone()
    {
        var folder = _folder["certs"];

        var run = await Run.ExpectAsync(ExitCode.Done, "certs", "--out", folder);

        Assert.Equal(Names.Select(name => Path.Combine(folder, name)), run.Out.TrimEnd().Split('\n'));
        Assert.All(Names.Where(name => name.EndsWith(".key", StringComparison.Ordinal)), name => AssertSecret(Path.Combine(folder, name)));
    }

    [Theory]
    [InlineData("node.pem", "sslserver")]
    [InlineData("node.pem", "sslclient")]
    [InlineData("operator.pem", "sslclient")]
    public async Task The_authority_has_signed_them_says_openssl(string name, string purpose)
    {
        await Run.ExpectAsync(ExitCode.Done, "certs", "--out", _folder.Path);

        Assert.Equal($"{_folder[name]}: OK", await OpenSslAsync(
            "verify", "-x509_strict", "-purpose", purpose, "-CAfile", _folder["ca.pem"], _folder[name]));
    }

    [Fact]
    public async Task A_nodes_certificate_names_its_hosts_and_lasts_as_long_as_said()
    {
        await Run.ExpectAsync(ExitCode.Done, "certs", "--out", _folder.Path, "--host", "web-1", "--host", "10.0.0.1", "--days", "7");

        using var certificate = X509CertificateLoader.LoadCertificateFromFile(_folder["node.pem"]);
        Assert.True(certificate.MatchesHostname("web-1"));
        Assert.True(certificate.MatchesHostname("10.0.0.1"));
        Assert.False(certificate.MatchesHostname("localhost"));
        Assert.InRange((certificate.NotAfter - certificate.NotBefore).TotalDays, 7, 7.1);
    }

    [Fact]
    public async Task An_operators_certificate_is_none_of_a_server()
    {
        await Run.ExpectAsync(ExitCode.Done, "certs", "--out", _folder.Path);

        using var certificate = X509CertificateLoader.LoadCertificateFromFile(_folder["operator.pem"]);
        var uses = Assert.Single(certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>());
        Assert.Equal(["1.3.6.1.5.5.7.3.2"], uses.EnhancedKeyUsages.Cast<Oid>().Select(oid => oid.Value));
    }

    [Fact]
    public async Task What_is_there_stays_unless_force_is_said()
    {
        await File.WriteAllTextAsync(_folder["node.key"], "mine");

        var refused = await Run.ExpectAsync(ExitCode.Refused, "certs", "--out", _folder.Path);

        Assert.Contains($"{_folder["node.key"]} is there already", refused.Error, StringComparison.Ordinal);
        Assert.Equal(["node.key"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName));
        Assert.Equal("mine", await File.ReadAllTextAsync(_folder["node.key"]));

        await Run.ExpectAsync(ExitCode.Done, "certs", "--out", _folder.Path, "--force");

        Assert.StartsWith("-----BEGIN PRIVATE KEY-----", await File.ReadAllTextAsync(_folder["node.key"]), StringComparison.Ordinal);
        AssertSecret(_folder["node.key"]);
    }

    private static void AssertSecret(string file)
    {
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    private static async Task<string> OpenSslAsync(params string[] args)
    {
        using var process = Process.Start(new ProcessStartInfo("openssl", args) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync().WaitAsync(Run.WaitMax);
        await process.WaitForExitAsync().WaitAsync(Run.WaitMax);
        return (output + await error).Trim();
    }
}
