using System.Xml.Linq;
using ActorServer.Benchmarks;

namespace ActorServer.TestKit.Tests;

/// <summary>The benchmarks in a small size: they run, and say what they have measured. How much it is, is not asked.</summary>
public sealed class BenchmarkSpecs
{
    [Fact]
    public void A_command_line_that_is_not_understood_is_refused()
    {
        Assert.Null(BenchmarkOptions.Parse([]));
        Assert.Null(BenchmarkOptions.Parse(["unknown"]));
        Assert.Null(BenchmarkOptions.Parse(["churn", "--million"]));
        Assert.Null(BenchmarkOptions.Parse(["scale", "--connections", "none"]));
        Assert.Equal(
            new BenchmarkOptions(Command.IdleRace) { Connections = 100, Pairs = 3, Output = "folder" },
            BenchmarkOptions.Parse(["idle-race", "--connections", "100", "--pairs", "3", "--output", "folder"]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Connections_are_spawned_listed_asked_and_drained(bool sockets)
    {
        var result = await ScaleMeasurement.TrackedAsync(sockets ? new SocketCrowd(300) : new MemoryCrowd(300));

        Assert.All(
            [result.SpawnRate, result.Page, result.StatusIdle, result.Status, result.Transitions, result.Drain, result.Tail],
            figure => Assert.True(figure > 0, $"{result}"));
        Assert.True(result.StatusMax >= result.Status);
    }

    [Fact]
    public async Task A_report_is_a_table_and_a_plot()
    {
        var folder = Directory.CreateTempSubdirectory("report-");
        SvgPlot plot = new("Title", "connections", "ms", [new("one", [(1_000, 0.5), (10_000, 5)]), new("two", [(1_000, 3), (10_000, 3)])]);
        Report report = new("sample", ["a", "b"], [["1", "2"], ["3", "4"]], plot.ToString());
        await using StringWriter said = new();

        await report.WriteAsync(folder.FullName, said);

        Assert.Equal("| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n", await File.ReadAllTextAsync(Path.Combine(folder.FullName, "sample.md")));
        Assert.StartsWith("| a | b |\n", said.ToString(), StringComparison.Ordinal);
        var lines = XDocument.Load(Path.Combine(folder.FullName, "sample.svg")).Descendants().Where(e => e.Name.LocalName == "polyline").ToList();
        // A decade to the right is a decade up: linear.
        Assert.Equal(2, lines.Count);
        Assert.Equal("70.0,254.7 510.0,89.7", lines[0].Attribute("points")!.Value);
        folder.Delete(recursive: true);
    }
}
