namespace ActorServer.Cluster.Tests;

/// <summary>The page about configuration has the settings of the cluster as they are.</summary>
public sealed class ConfigurationPageSpecs
{
    [Fact]
    public void The_settings_table_is_that_of_the_options()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "ActorServer.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests run outside the project's folder.");
        }

        var page = File.ReadAllText(Path.Combine(folder.FullName, "docs", "configuration.md")).ReplaceLineEndings("\n");
        var expected = $"<!-- cluster: begin -->\n{ClusterSettings.Table.ToMarkdown()}\n<!-- cluster: end -->";

        Assert.True(page.Contains(expected, StringComparison.Ordinal), $"docs/configuration.md has drifted from the code:\n{expected}\n");
    }
}
