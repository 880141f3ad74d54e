using System.Text.Json;
using System.Text.RegularExpressions;
using ActorServer.Cli.Tests.Support;

namespace ActorServer.Cli.Tests;

/// <summary>The program and the host, each a process, as an operator has them.</summary>
public sealed partial class HostSpecs
{
    [Fact]
    public async Task A_host_is_looked_at_drained_resumed_and_told_to_leave()
    {
        await using var host = RunningProgram.Host();
        var at = await AddressAsync(host);

        var status = JsonElement.Parse(await ActorctlAsync(ExitCode.Done, "--node", at, "status", "--json"));
        Assert.Equal("Serving", status.GetProperty("phase").GetString());
        Assert.Contains("is drained after", await ActorctlAsync(ExitCode.Done, "--node", at, "drain", "--wait"), StringComparison.Ordinal);
        Assert.Contains("Serving", await ActorctlAsync(ExitCode.Done, "--node", at, "resume"), StringComparison.Ordinal);
        Assert.Contains("is drained after", await ActorctlAsync(ExitCode.Done, "--node", at, "leave", "--wait", "--reason", "scale in"), StringComparison.Ordinal);

        Assert.Equal(0, await host.ExitAsync());
        Assert.Contains("scale in", host.Output, StringComparison.Ordinal);
        Assert.Contains("cannot be reached", await ActorctlAsync(ExitCode.Refused, "--node", at, "status"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_with_TLS_answers_those_who_have_a_certificate()
    {
        using TestFolder certs = new();
        await ActorctlAsync(ExitCode.Done, "certs", "--out", certs.Path);
        await using var host = RunningProgram.Host(
            $"--ActorServer:Cluster:Tls:Certificate={certs["node.pem"]}", $"--ActorServer:Cluster:Tls:Key={certs["node.key"]}",
            $"--ActorServer:Cluster:Tls:Authority={certs["ca.pem"]}");
        var at = await AddressAsync(host);
        string[] operators = ["--node", at, "--ca", certs["ca.pem"], "--cert", certs["operator.pem"], "--key", certs["operator.key"]];

        Assert.Contains("is drained after", await ActorctlAsync(ExitCode.Done, [.. operators, "drain", "--wait"]), StringComparison.Ordinal);
        Assert.Contains("Serving", await ActorctlAsync(ExitCode.Done, [.. operators, "resume"]), StringComparison.Ordinal);
        Assert.Contains("speaks TLS", await ActorctlAsync(ExitCode.Refused, "--node", at, "status"), StringComparison.Ordinal);
    }

    private static async Task<string> AddressAsync(RunningProgram host)
    {
        await host.SaysAsync("Application started");
        return Address().Match(host.Output).Groups["at"].Value;
    }

    private static async Task<string> ActorctlAsync(int exitCode, params string[] args)
    {
        await using var actorctl = RunningProgram.Actorctl(args);
        var actual = await actorctl.ExitAsync();
        Assert.True(exitCode == actual, $"{actual} instead of {exitCode}: {actorctl.Output}");
        return actorctl.Output;
    }

    [GeneratedRegex(@"tcp://ActorServer@(?<at>127\.0\.0\.1:[0-9]+)/user/actor-server", RegexOptions.ExplicitCapture)]
    private static partial Regex Address();
}
