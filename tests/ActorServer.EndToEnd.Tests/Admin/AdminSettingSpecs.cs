using ActorServer.Admin;
using ActorServer.Core.Tests.House;

namespace ActorServer.EndToEnd.Tests.Admin;

public sealed class AdminSettingSpecs
{
    [Fact]
    public void The_page_has_the_table_of_the_code()
        => Repository.AssertSame("docs/configuration.md", "admin settings", AdminSettings.Table.ToMarkdown());
}
