using ActorServer.Cluster.Tests.Support;
using ActorServer.Core.Tests.House;
using Akka.Configuration;

namespace ActorServer.Cluster.Tests;

public sealed class SettingSpecs
{
    [Fact]
    public void The_page_has_the_table_of_the_code()
        => Repository.AssertSame("docs/configuration.md", "cluster settings", ClusterSettings.Table.ToMarkdown());

    [Fact]
    public void Beyond_loopback_a_node_needs_TLS_or_a_word()
    {
        Assert.Null(ClusterSettings.Conflict(new()));
        Assert.Contains("beyond loopback", ClusterSettings.Conflict(new() { Hostname = "192.0.2.1" }), StringComparison.Ordinal);
        Assert.Null(ClusterSettings.Conflict(new() { Hostname = "192.0.2.1", AllowInsecure = true }));
        Assert.Contains(
            "all of Certificate", ClusterSettings.Conflict(new() { Tls = { Certificate = "a.pem" } }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "0.0.0.0")]
    [InlineData("hostname = 192.0.2.1", "192.0.2.1")]
    [InlineData("hostname = 127.0.0.1, bind-hostname = 0.0.0.0", "0.0.0.0")]
    [InlineData("hostname = 127.0.0.1", null)]
    [InlineData("hostname = web-1, enable-ssl = true", null)]
    public void An_actor_system_of_the_application_is_not_open_by_accident(string tcp, string? listens)
    {
        var config = ConfigurationFactory.ParseString($"akka.remote.dot-netty.tcp {{ {tcp} }}").WithFallback(
            "akka.remote.dot-netty.tcp { hostname = \"\", bind-hostname = \"\", enable-ssl = false }");

        var problem = RemotingConfig.OpenProblem(config);

        Assert.Equal(listens is null, problem is null);
        Assert.Contains(listens ?? "", problem ?? "", StringComparison.Ordinal);
    }

    // A resolver would have a healthy node leave because another one is dead.
    [Fact]
    public async Task Nobody_is_downed_for_being_out_of_reach()
    {
        await using var node = TestNode.Start("alone");

        Assert.Equal("NoDowning", node.Cluster.DowningProvider.GetType().Name);
    }
}
