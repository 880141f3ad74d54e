using System.Globalization;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace ActorServer.Benchmarks;

/// <summary>The pure parts, by BenchmarkDotNet, in this process.</summary>
internal static class PureRun
{
    public static Report Run()
    {
        // In this process: a project of its own, which it would build, knows nothing of this one's packages and settings.
        var config = ManualConfig.CreateEmpty()
            .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance))
            .AddColumnProvider(BenchmarkDotNet.Columns.DefaultColumnProviders.Instance)
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddLogger(NullLogger.Instance)
            .WithOptions(ConfigOptions.DisableLogFile)
            .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "actor-server-benchmarks"));
        var reports = BenchmarkRunner.Run([typeof(MachineBenchmarks), typeof(AccessLineBenchmarks)], config).SelectMany(s => s.Reports);
        return new("pure", ["what", "time", "deviation", "allocated"], [.. reports.Select(report => (IReadOnlyList<string>)[
            report.BenchmarkCase.Descriptor.WorkloadMethodDisplayInfo.Trim('\''),
            report.ResultStatistics is { } s ? s.Mean.In("F1", "ns") : throw new InvalidOperationException("A benchmark has failed."),
            report.ResultStatistics.StandardDeviation.In("F1", "ns"),
            (report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? 0).ToString(CultureInfo.InvariantCulture) + " B"])]);
    }
}
