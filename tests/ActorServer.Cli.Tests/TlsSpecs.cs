using ActorServer.Cli.Tests.Support;

namespace ActorServer.Cli.Tests;

/// <summary>With TLS a node and an operator each show a certificate that one authority has signed.</summary>
public sealed class TlsSpecs : IAsyncLifetime, IDisposable
{
    private readonly TestFolder _ours = new();
    private readonly TestFolder _others = new();

    public async Task InitializeAsync()
    {
        await Run.ExpectAsync(ExitCode.Done, "certs", "--out", _ours.Path);
        await Run.ExpectAsync(ExitCode.Done, "certs", "--out", _others.Path);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        _ours.Dispose();
        _others.Dispose();
    }

    [Fact]
    public async Task An_operator_with_a_certificate_is_answered_and_follows_a_drain()
    {
        await using TestNode node = new(certs: _ours.Path);

        Assert.Contains("web-1", (await node.RunAsync(ExitCode.Done, [.. Show(_ours, _ours), "status"])).Out, StringComparison.Ordinal);
        Assert.Contains(
            "web-1 is drained after", (await node.RunAsync(ExitCode.Done, [.. Show(_ours, _ours), "drain", "--wait"])).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_environment_holds_the_certificate()
    {
        await using TestNode node = new(certs: _ours.Path);
        Dictionary<string, string> environment = new()
        {
            ["ACTORCTL_NODE"] = node.At,
            ["ACTORCTL_CA"] = _ours["ca.pem"],
            ["ACTORCTL_CERT"] = _ours["operator.pem"],
            ["ACTORCTL_KEY"] = _ours["operator.key"],
        };

        Assert.Contains("web-1", (await Run.ExpectAsync(ExitCode.Done, ["status"], environment)).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operator_without_a_certificate_is_told_to_bring_one()
    {
        await using TestNode node = new(certs: _ours.Path);

        var run = await node.RunAsync(ExitCode.Refused, "status");

        Assert.Contains("speaks TLS: give --ca, --cert and --key.", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operator_with_another_authoritys_certificate_is_turned_away()
    {
        await using TestNode node = new(certs: _ours.Path);

        var run = await node.RunAsync(ExitCode.Refused, [.. Show(_ours, _others), "status"]);

        Assert.Contains("refused", run.Error, StringComparison.Ordinal);
        Assert.Contains("--cert", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_with_another_authoritys_certificate_is_not_trusted()
    {
        await using TestNode node = new(certs: _others.Path);

        var run = await node.RunAsync(ExitCode.Refused, [.. Show(_ours, _ours), "status"]);

        Assert.Contains("is not trusted: its certificate is not one that the authority has signed", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operator_does_not_pass_for_a_node()
    {
        File.Copy(_ours["operator.pem"], _ours["node.pem"], overwrite: true);
        File.Copy(_ours["operator.key"], _ours["node.key"], overwrite: true);
        await using TestNode impostor = new(certs: _ours.Path);

        var run = await impostor.RunAsync(ExitCode.Refused, [.. Show(_ours, _ours), "status"]);

        Assert.Contains("is not trusted", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_without_TLS_is_told_from_one_that_refuses()
    {
        await using TestNode node = new();

        var run = await node.RunAsync(ExitCode.Refused, ["--timeout", "1s", .. Show(_ours, _ours), "status"]);

        Assert.Contains("Does the node use TLS", run.Error, StringComparison.Ordinal);
    }

    private static string[] Show(TestFolder ca, TestFolder own)
        => ["--ca", ca["ca.pem"], "--cert", own["operator.pem"], "--key", own["operator.key"]];
}
