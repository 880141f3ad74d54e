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
    [InlineData("24:00:00")]
    [InlineData("100:00:00")]
    [InlineData("1:2:3:4")]
    [InlineData("00:00:05,5")]
    [InlineData("-1")]
    [InlineData("+5s")]
    [InlineData("5ss")]
    [InlineData("5s5")]
    [InlineData("1m30s")]
    [InlineData("0x5s")]
    [InlineData(".")]
    [InlineData(":")]
    [InlineData("-infinite")]
    [InlineData("NaNs")]
    [InlineData("10675199.02:48:05.4775808")]
    [InlineData("256204779h")]
    [InlineData("922337203685478ms")]
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
    public void Whatever_the_length_its_text_reads_back()
    {
        // Around every unit, and up to the longest there is.
        long[] units =
        [
            1, TimeSpan.TicksPerMillisecond, TimeSpan.TicksPerSecond, TimeSpan.TicksPerMinute, TimeSpan.TicksPerHour,
            TimeSpan.TicksPerDay, long.MaxValue / 61,
        ];
        var lengths = from ticks in units
                      from factor in new[] { 1, 3, 59, 60 }
                      from off in new[] { -1, 0, 1 }
                      select new Duration(TimeSpan.FromTicks((ticks * factor) + off));
        Assert.All(
            lengths.Append(TimeSpan.MaxValue).Append(Duration.Infinite),
            length =>
            {
                Assert.True(Duration.TryParse(length.ToString(), out var read), length.ToString());
                Assert.Equal(length, read);
            });
    }

    [Theory]
    [InlineData("256204778h", 256204778 * 3600.0)]
    [InlineData("922337203685477ms", 922337203685.477)]
    public void The_longest_of_each_unit_is_read(string text, double seconds)
    {
        Assert.True(Duration.TryParse(text, out var duration));
        Assert.Equal(seconds, duration.Value.TotalSeconds, tolerance: 0.001);
    }

    [Fact]
    public void Durations_are_ordered_as_their_lengths_with_infinite_last()
    {
        Duration[] ordered =
            [Duration.Zero, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(1), TimeSpan.MaxValue, Duration.Infinite];
        foreach (var (a, b) in from a in ordered from b in ordered select (a, b))
        {
            var order = Array.IndexOf(ordered, a).CompareTo(Array.IndexOf(ordered, b));
            Assert.Equal(order, a.CompareTo(b));
            Assert.Equal(order < 0, a < b);
            Assert.Equal(order > 0, a > b);
            Assert.Equal(order <= 0, a <= b);
            Assert.Equal(order >= 0, a >= b);
            Assert.Equal(order == 0, a == b);
        }
    }

    [Fact]
    public void The_infinite_TimeSpan_is_infinite_and_nothing_at_all_is_zero()
    {
        Assert.Equal(Duration.Infinite, new Duration(Timeout.InfiniteTimeSpan));
        Assert.Equal(Duration.Zero, default);
        Assert.NotEqual(Duration.Zero, Duration.Infinite);
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
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Duration(TimeSpan.FromSeconds(-1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Duration(TimeSpan.FromTicks(-1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Duration(TimeSpan.MinValue));
    }
}
