using System.Globalization;
using ActorServer.Cli.Tests.Support;

namespace ActorServer.Cli.Tests;

/// <summary>A node is reached by whatever it calls itself.</summary>
public sealed class AddressSpecs
{
    [Theory]
    [InlineData("::1", "[::1]:{0}")]
    [InlineData("::1", "akka.tcp://ActorServer@[::1]:{0}")]
    [InlineData("[::1]", "[::1]:{0}")]
    [InlineData("127.0.0.1", "localhost:{0}")]
    public async Task A_node_is_reached_by_what_it_calls_itself(string host, string at)
    {
        await using TestNode node = new(host: host);

        var run = await Run.ExpectAsync(
            ExitCode.Done, "--node", string.Format(CultureInfo.InvariantCulture, at, node.Address.Port), "--timeout", "2s", "status");

        Assert.Contains("web-1", run.Out, StringComparison.Ordinal);
    }
}
