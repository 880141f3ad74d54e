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
            var text = setting switch
            {
                { Key: "Node" } => "node-1",
                { Key: "AccessLog:Format" } => "Combined",
                { Key: "AccessLog:Path" } => "logs/access.log",
                { Key: "AccessLog:FileSizeMax" } => "1000000",
                { Key: "AccessLog:BufferMax" } => "1000",
                { Key: "AccessLog:RequestIdHeader" } => "X-Correlation-Id",
                { Key: "AccessLog:RedactQuery" } => "token,sig",
                { Key: "Limits:WhenFull" } => "Refuse",
                { Allowed: "true or false" } => setting.Default == "true" ? "false" : "true",
                { Forms: null } => "7",
                _ => "1500ms",
            };

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
    [InlineData("AccessLog:Enabled", "yes")]
    [InlineData("AccessLog:Format", "Xml")]
    [InlineData("AccessLog:Format", "1")]
    [InlineData("AccessLog:Path", "logs/")]
    [InlineData("AccessLog:Path", " ")]
    [InlineData("AccessLog:FileSizeMax", "1000")]
    [InlineData("AccessLog:FileSizeMax", "1MB")]
    [InlineData("AccessLog:FileSizeMax", "-1")]
    [InlineData("AccessLog:FilesMax", "10001")]
    [InlineData("AccessLog:BufferMax", "99")]
    [InlineData("AccessLog:RequestIdHeader", "X Request")]
    [InlineData("AccessLog:RequestIdHeader", "")]
    [InlineData("AccessLog:RedactQuery", "a,,b")]
    public void A_bad_value_is_refused_naming_key_value_and_what_is_allowed(string key, string value)
    {
        ActorServerOptions options = new();

        var error = Assert.Single(Table.Read(options, [new(key, value)]));

        Assert.Contains($"ActorServer:{key}", error, StringComparison.Ordinal);
        Assert.Contains($"\"{value}\"", error, StringComparison.Ordinal);
        Assert.Contains(Table.Settings.Single(s => s.Key == key).Allowed, error, StringComparison.Ordinal);
        Assert.Empty(Table.Validate(options));
    }

    [Theory]
    [InlineData("Drain:LameDuck", "soon", true)]
    [InlineData("Drain:HandleSignals", "maybe", false)]
    [InlineData("Node", "a b", false)]
    public void A_refused_duration_is_told_how_to_write_one_and_nothing_else_is(string key, string value, bool told)
    {
        var error = Assert.Single(Table.Read(new(), [new(key, value)]));

        Assert.Equal(told, error.Contains(Duration.Forms, StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_said_to_be_allowed_is_what_is_allowed()
    {
        var durations = Table.Settings.Where(s => s.Forms == Duration.Forms).ToList();

        Assert.NotEmpty(durations);
        Assert.All(
            durations,
            setting =>
            {
                var bounds = setting.Allowed.Split(" or ")[0].Split(" to ");
                var infinite = setting.Allowed.EndsWith(" or infinite", StringComparison.Ordinal);
                Assert.True(Duration.TryParse(bounds[0], out var min));
                Assert.True(Duration.TryParse(bounds[1], out var max));
                var tick = TimeSpan.FromTicks(1);

                Assert.True(setting.TryApply(new(), min.ToString()));
                Assert.True(setting.TryApply(new(), max.ToString()));
                Assert.False(setting.TryApply(new(), (max + tick).ToString()));
                Assert.False(min > Duration.Zero && setting.TryApply(new(), new Duration(min.Value - tick).ToString()));
                Assert.Equal(infinite, setting.TryApply(new(), "infinite"));
            });
    }

    [Theory]
    [InlineData("1", true)]
    [InlineData("10000000", true)]
    [InlineData("none", true)]
    [InlineData("None", true)]
    [InlineData("0", false)]
    [InlineData("10000001", false)]
    [InlineData("-1", false)]
    [InlineData("1.5", false)]
    [InlineData("", false)]
    public void A_number_is_within_its_bounds_or_none(string text, bool allowed)
    {
        ActorServerOptions options = new() { Limits = { MaxConnections = 42 } };

        Assert.Equal(allowed, Table.Read(options, [new("Limits:MaxConnections", text)]).Count == 0);

        Assert.Equal(!allowed ? 42 : int.TryParse(text, out var number) ? number : null, options.Limits.MaxConnections);
        Assert.Single(Table.Validate(new() { Limits = { MaxConnections = 0 } }));
    }

    [Fact]
    public void A_number_that_has_a_default_cannot_be_none()
        => Assert.Contains("allowed: 1 to 127.", Assert.Single(Table.Read(new(), [new("Limits:KeepAliveRetryCount", "none")])));

    [Theory]
    [InlineData("refuse", true)]
    [InlineData("1", false)]
    [InlineData("Reject", false)]
    [InlineData("", false)]
    public void A_choice_is_one_of_its_names(string text, bool allowed)
    {
        ActorServerOptions options = new();

        Assert.Equal(allowed, Table.Read(options, [new("Limits:WhenFull", text)]).Count == 0);

        Assert.Equal(allowed ? WhenFull.Refuse : WhenFull.Throttle, options.Limits.WhenFull);
        Assert.Single(Table.Validate(new() { Limits = { WhenFull = (WhenFull)7 } }));
    }

    [Theory]
    [InlineData(typeof(DrainOptions), "Drain:")]
    [InlineData(typeof(LimitOptions), "Limits:")]
    public void Whatever_code_can_set_configuration_can_too(Type options, string section)
        => Assert.Equal(
            options.GetProperties().Select(p => section + p.Name).Order(),
            Table.Settings.Select(s => s.Key).Where(k => k.StartsWith(section, StringComparison.Ordinal)).Order());

    [Fact]
    public void A_default_that_depends_on_the_environment_is_documented_as_it_is()
    {
        var production = new DrainOptions().Resolve(isDevelopment: false);
        var development = new DrainOptions().Resolve(isDevelopment: true);

        Assert.Equal($"{production.LameDuck} (Development: {development.LameDuck})", Default("Drain:LameDuck"));
        Assert.Equal($"{production.Spread} (Development: {development.Spread})", Default("Drain:Spread"));

        static string Default(string key) => Table.Settings.Single(s => s.Key == key).Default;
    }

    [Fact]
    public void What_is_set_wins_over_the_environment()
    {
        Duration second = TimeSpan.FromSeconds(1);

        var settings = new DrainOptions { LameDuck = second, Spread = Duration.Infinite }.Resolve(isDevelopment: true);

        Assert.Equal((second, Duration.Infinite), (settings.LameDuck, settings.Spread));
    }

    [Theory]
    [InlineData("web-1", 7, "web-1-7")]
    [InlineData("B\u00dcRO pc", 7, "B-RO-pc-7")]
    [InlineData("", 7, "-7")]
    [InlineData("a-host-name-of-the-sixty-three-letters-that-a-name-may-have-at-most", 4194304, null)]
    public void The_nodes_name_by_default_is_one_that_is_allowed(string machine, int process, string? name)
    {
        ActorServerOptions options = new() { Node = ActorServerOptions.DefaultNode(machine, process) };

        Assert.Empty(Table.Validate(options));
        Assert.EndsWith($"-{process}", options.Node, StringComparison.Ordinal);
        Assert.StartsWith(name ?? machine[..40], options.Node, StringComparison.Ordinal);
    }

    [Fact]
    public void The_table_in_the_documentation_has_a_row_for_every_setting()
    {
        var rows = Table.ToMarkdown().Split('\n')[2..];

        Assert.Equal(
            Table.Settings.Select(s => $"| `ActorServer:{s.Key}` | {s.Default} | {s.Allowed} | {s.Meaning} |"), rows);
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
        Assert.DoesNotContain(
            "hunter2", Assert.Single(table.Validate(new() { Node = "hunter2" })), StringComparison.Ordinal);
    }
}
