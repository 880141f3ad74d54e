using ActorServer.Core;

namespace ActorServer.Core.Tests.Options;

public sealed class DurationSpecs
{
    [Theory]
    [InlineData("500ms", 0.5)]
    [InlineData("5s", 5)]
    [InlineData("2m", 120)]
    [InlineData("1h", 3600)]
    [InlineData("1.5s", 1.5)]
    [InlineData("0", 0)]
    [InlineData("0s", 0)]
    [InlineData(" 5S ", 5)]
    [InlineData("00:00:05", 5)]
    [InlineData("00:00:00.250", 0.25)]
    [InlineData("1.00:00:00", 86400)]
    public void Every_form_is_read(string text, double seconds)
    {
        Assert.True(Duration.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.FromSeconds(seconds), duration.Value);
    }

    [Theory]
    [InlineData("infinite")]
    [InlineData("Infinite")]
    public void Infinite_is_a_duration(string text)
    {
        Assert.True(Duration.TryParse(text, out var duration));
        Assert.True(duration.IsInfinite);
        Assert.Equal("infinite", duration.ToString());
        Assert.Throws<InvalidOperationException>(() => duration.Value);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("-5s")]
    [InlineData("-00:00:05")]
    [InlineData("5 s")]
    [InlineData("5x")]
    [InlineData("1,5s")]
    [InlineData("5sec")]
    [InlineData("1e3s")]
    [InlineData("99999999999999999999h")]
    [InlineData("24:00:60")]
    [InlineData("forever")]
    public void Anything_else_is_not(string? text) => Assert.False(Duration.TryParse(text, out _));

    [Theory]
    [InlineData("22s")]
    [InlineData("500ms")]
    [InlineData("2m")]
    [InlineData("1h")]
    [InlineData("90s")]
    [InlineData("0")]
    [InlineData("infinite")]
    [InlineData("00:00:00.0000001")]
    public void What_is_written_reads_back(string text)
    {
        Assert.True(Duration.TryParse(text, out var duration));
        Assert.Equal(text, duration.ToString());
    }

    [Fact]
    public void Infinite_is_the_longest_and_stays_infinite()
    {
        Duration second = TimeSpan.FromSeconds(1);

        Assert.True(second < Duration.Infinite && Duration.Infinite > second && Duration.Zero <= second && second >= Duration.Zero);
        Assert.Equal(0, Duration.Infinite.CompareTo(Duration.Infinite));
        Assert.True((second + Duration.Infinite).IsInfinite);
        Assert.Equal(TimeSpan.FromSeconds(2), (second + second).Value);
    }

    [Fact]
    public void It_is_never_negative()
        => Assert.Throws<ArgumentOutOfRangeException>(() => new Duration(TimeSpan.FromSeconds(-1)));
}
