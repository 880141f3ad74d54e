using ActorServer.Cli.Tests.Support;

namespace ActorServer.Cli.Tests;

/// <summary>Certificates of other makers than this tool: below the authority are others, some have expired, some name another host.</summary>
public sealed class ChainSpecs : IDisposable
{
    private readonly TestFolder _files = new();
    private readonly Issuer _root = new("root");
    private readonly Issuer _below;

    public ChainSpecs()
    {
        _below = new("below", _root);
        File.WriteAllText(_files["ca.pem"], _root.Pem);
    }

    private string[] Show => ["--ca", _files["ca.pem"], "--cert", _files["operator.pem"], "--key", _files["operator.key"]];

    public void Dispose()
    {
        _below.Dispose();
        _root.Dispose();
        _files.Dispose();
    }

    [Fact]
    public async Task What_is_between_stands_in_the_certificates_file_on_both_sides()
    {
        _below.Sign(_files, "node", more: _below.Pem);
        _below.Sign(_files, "operator", more: _below.Pem);

        await AssertAnsweredAsync();
    }

    [Fact]
    public async Task What_is_between_stands_in_the_authoritys_file()
    {
        await File.WriteAllTextAsync(_files["ca.pem"], $"{_root.Pem}\n{_below.Pem}\n");
        _below.Sign(_files, "node");
        _below.Sign(_files, "operator");

        await AssertAnsweredAsync();
    }

    [Fact]
    public async Task What_is_between_is_not_sent_but_must_be_known()
    {
        _below.Sign(_files, "node", more: _below.Pem);
        _root.Sign(_files, "operator");
        await using TestNode node = new(certs: _files.Path);

        var run = await node.RunAsync(ExitCode.Refused, [.. Show, "status"]);
        Assert.Contains("is not trusted: its certificate is not one that the authority has signed", run.Error, StringComparison.Ordinal);

        await File.AppendAllTextAsync(_files["ca.pem"], $"\n{_below.Pem}\n");
        await node.RunAsync(ExitCode.Done, [.. Show, "status"]);
    }

    [Fact]
    public async Task One_below_that_the_authority_has_not_signed_is_not_trusted()
    {
        using Issuer foreign = new("root");
        using Issuer foreignBelow = new("below", foreign);
        _root.Sign(_files, "operator");
        using TestFolder others = new();
        await File.WriteAllTextAsync(others["ca.pem"], foreign.Pem);
        foreignBelow.Sign(others, "node", more: foreignBelow.Pem);
        await using TestNode node = new(certs: others.Path);

        var run = await node.RunAsync(ExitCode.Refused, [.. Show, "status"]);

        Assert.Contains("is not trusted: its certificate is not one that the authority has signed", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_nodes_certificate_that_has_expired_is_called_that()
    {
        _root.Sign(_files, "node", until: -2);
        _root.Sign(_files, "operator");
        await using TestNode node = new(certs: _files.Path);

        var run = await node.RunAsync(ExitCode.Refused, [.. Show, "status"]);

        Assert.Contains("is not trusted: its certificate is valid from ", run.Error, StringComparison.Ordinal);
        Assert.Contains(" not now.", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operators_certificate_that_has_expired_is_called_that()
    {
        _root.Sign(_files, "node");
        _root.Sign(_files, "operator", until: -2);
        await using TestNode node = new(certs: _files.Path);

        var run = await node.RunAsync(ExitCode.Refused, [.. Show, "status"]);

        Assert.Contains("refused the certificate of --cert: it expired at ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_are_not_compared()
    {
        _root.Sign(_files, "node", host: "another.example");
        _root.Sign(_files, "operator", host: "another.example");

        await AssertAnsweredAsync();
    }

    private async Task AssertAnsweredAsync()
    {
        await using TestNode node = new(certs: _files.Path);

        var run = await node.RunAsync(ExitCode.Done, [.. Show, "status"]);

        Assert.Contains("web-1", run.Out, StringComparison.Ordinal);
    }
}
