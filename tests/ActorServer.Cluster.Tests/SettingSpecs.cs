namespace ActorServer.Cluster.Tests;

public sealed class SettingSpecs
{
    [Fact]
    public void Beyond_loopback_a_node_needs_TLS_or_a_word()
    {
        Assert.Null(ClusterSettings.Conflict(new()));
        Assert.Contains("beyond loopback", ClusterSettings.Conflict(new() { Hostname = "192.0.2.1" }), StringComparison.Ordinal);
        Assert.Null(ClusterSettings.Conflict(new() { Hostname = "192.0.2.1", AllowInsecure = true }));
        Assert.Contains(
            "all of Certificate", ClusterSettings.Conflict(new() { Tls = { Certificate = "a.pem" } }), StringComparison.Ordinal);
    }
}
