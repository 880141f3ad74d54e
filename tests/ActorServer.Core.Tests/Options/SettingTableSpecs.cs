using ActorServer.Core;

namespace ActorServer.Core.Tests.Options;

public sealed class SettingTableSpecs
{
    private static readonly SettingTable<ActorServerOptions> Table = ActorServerSettings.Table;

    [Fact]
    public void Every_setting_is_read_into_the_options_and_back()
    {
        foreach (var setting in Table.Settings)
        {
            ActorServerOptions options = new();
            var text = setting.Key switch { "Node" => "node-1", "Drain:HandleSignals" => "false", _ => "1500ms" };

            Assert.Empty(Table.Read(options, [new(setting.Key, text)]));
            Assert.Equal((text, true), setting.Current(options));
        }
    }

    [Fact]
    public void The_defaults_are_allowed() => Assert.Empty(Table.Validate(new()));

    [Fact]
    public void The_documented_defaults_are_the_options_own()
    {
        foreach (var setting in Table.Settings.Where(s => s.Key != "Node"))
        {
            Assert.Equal(setting.Default, setting.Current(new()).Text);
        }
    }

    [Theory]
    [InlineData("Drain:LameDuck", "soon")]
    [InlineData("Drain:LameDuck", "2h")]
    [InlineData("Drain:LameDuck", "infinite")]
    [InlineData("Drain:Budget", "-1s")]
    [InlineData("Drain:Budget", "8.00:00:00")]
    [InlineData("Drain:ExitWait", "0")]
    [InlineData("Drain:HandleSignals", "maybe")]
    [InlineData("Node", "a b")]
    [InlineData("Node", "")]
    public void A_bad_value_is_refused_naming_key_value_and_what_is_allowed(string key, string value)
    {
        ActorServerOptions options = new();

        var error = Assert.Single(Table.Read(options, [new(key, value)]));

        Assert.Contains($"ActorServer:{key}", error, StringComparison.Ordinal);
        Assert.Contains($"\"{value}\"", error, StringComparison.Ordinal);
        Assert.Contains(Table.Settings.Single(s => s.Key == key).Allowed, error, StringComparison.Ordinal);
        Assert.Empty(Table.Validate(options));
    }

    [Fact]
    public void Keys_are_read_in_any_case()
    {
        ActorServerOptions options = new();

        Assert.Empty(Table.Read(options, [new("drain:LAMEDUCK", "3s")]));

        Assert.Equal(TimeSpan.FromSeconds(3), options.Drain.LameDuck?.Value);
    }

    [Fact]
    public void A_slip_in_a_section_of_ours_is_told_with_the_keys_there_are()
    {
        var error = Assert.Single(Table.Read(new(), [new("Drain:LameDuk", "3s")]));

        Assert.Contains("ActorServer:Drain:LameDuk is not a setting", error, StringComparison.Ordinal);
        Assert.Contains("Drain:LameDuck", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_of_other_sections_are_not_ours()
        => Assert.Empty(Table.Read(new(), [new("Admin:Url", "x"), new("Drain", null), new("Elsewhere", "x")]));

    [Fact]
    public void All_that_is_wrong_is_told_at_once()
        => Assert.Equal(2, Table.Read(new(), [new("Drain:Budget", "x"), new("Drain:AbortWait", "y")]).Count);

    [Fact]
    public void What_code_has_set_is_checked_too()
    {
        ActorServerOptions options = new() { Node = "no spaces please", Drain = { AbortWait = TimeSpan.FromHours(2) } };

        var errors = Table.Validate(options);

        Assert.Equal(2, errors.Count);
        Assert.Contains(errors, e => e.Contains("ActorServer:Drain:AbortWait cannot be \"2h\"", StringComparison.Ordinal));
    }

    [Fact]
    public void A_secret_is_not_repeated()
    {
        SettingTable<ActorServerOptions> table = new(
            [Setting.Text<ActorServerOptions>("Token", "none", "anything else", _ => false, o => o.Node, (o, v) => o.Node = v, "A secret.")],
            isSecret: _ => true);

        Assert.DoesNotContain("hunter2", Assert.Single(table.Read(new(), [new("Token", "hunter2")])), StringComparison.Ordinal);
    }
}
