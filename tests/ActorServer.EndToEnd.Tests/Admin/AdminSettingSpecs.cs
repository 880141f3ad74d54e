using ActorServer.Admin;

namespace ActorServer.EndToEnd.Tests.Admin;

public sealed class AdminSettingSpecs
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
        var table = AdminSettings.Table.ToMarkdown();

        Assert.True(
            page.Contains($"<!-- admin settings: begin -->\n{table}\n<!-- admin settings: end -->", StringComparison.Ordinal),
            $"docs/configuration.md has drifted from the code. Paste this between its markers:\n\n{table}\n");
    }
}
