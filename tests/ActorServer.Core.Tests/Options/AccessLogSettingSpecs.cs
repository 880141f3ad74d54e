namespace ActorServer.Core.Tests.Options;

/// <summary>The access log's settings: numbers, names and texts.</summary>
public sealed class AccessLogSettingSpecs
{
    private static readonly SettingTable<ActorServerOptions> Table = ActorServerSettings.Table;

    [Theory]
    [InlineData("AccessLog:FileSizeMax")]
    [InlineData("AccessLog:FilesMax")]
    [InlineData("AccessLog:BufferMax")]
    public void A_number_is_allowed_between_its_bounds(string key)
    {
        var setting = Table.Settings.Single(s => s.Key == key);
        var bounds = setting.Allowed.Split(" to ").Select(long.Parse).ToList();

        Assert.True(setting.TryApply(new(), $"{bounds[0]}"));
        Assert.True(setting.TryApply(new(), $"{bounds[1]}"));
        Assert.False(setting.TryApply(new(), $"{bounds[0] - 1}"));
        Assert.False(setting.TryApply(new(), $"{bounds[1] + 1}"));
    }

    [Fact]
    public void A_name_is_read_however_it_is_cased()
    {
        ActorServerOptions options = new();

        Assert.Empty(Table.Read(options, [new("AccessLog:Format", "w3c")]));
        Assert.Equal(AccessFormat.W3C, options.AccessLog.Format);
    }

    [Fact]
    public void Whatever_code_can_set_of_the_access_log_configuration_can_too()
        => Assert.Equal(
            typeof(AccessLogOptions).GetProperties().Select(p => $"AccessLog:{p.Name}").Order(),
            Table.Settings.Select(s => s.Key).Where(k => k.StartsWith("AccessLog:", StringComparison.Ordinal)).Order());

    [Fact]
    public void What_code_sets_wrongly_is_refused_too()
    {
        ActorServerOptions options = new() { AccessLog = { FilesMax = -1, Format = (AccessFormat)7, Path = "logs/" } };

        Assert.Equal(3, Table.Validate(options).Count);
    }
}
