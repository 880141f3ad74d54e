namespace ActorServer.Cluster.Tests;

public sealed class SettingSpecs
{
    [Fact]
    public void The_page_has_the_table_of_the_code()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "ActorServer.sln")))
        {
            folder = folder.Parent!;
        }

        var page = File.ReadAllText(Path.Combine(folder.FullName, "docs", "configuration.md")).ReplaceLineEndings("\n");
        var table = ClusterSettings.Table.ToMarkdown();

        Assert.True(
            page.Contains($"<!-- cluster settings: begin -->\n{table}\n<!-- cluster settings: end -->", StringComparison.Ordinal),
            $"docs/configuration.md has drifted from the code. Paste this between its markers:\n\n{table}\n");
    }

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
