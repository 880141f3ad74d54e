using System.Globalization;

namespace ActorServer.DrainLab;

/// <summary>Runs one after the other, mixes and triggers in turns.</summary>
internal static class Series
{
    private const int FleetClients = 32;

    public static async Task<int> RunFleetAsync(LabOptions options, TextWriter output)
    {
        var result = await new FleetRun(options.Runs, FleetClients, options.LameDuck, output).RunAsync();
        await output.WriteLineAsync(result.ToString());
        return result.IsClean ? 0 : 1;
    }

    public static async Task<int> RunPartitionAsync(TextWriter output)
    {
        var (exitCode, said) = await PartitionRun.StartAsync();
        await output.WriteLineAsync(said);
        return exitCode;
    }

    public static async Task<int> RunAsync(LabOptions options, TextWriter output)
    {
        List<LabResult> results = [];
        for (var i = 0; i < options.Runs; i++)
        {
            var mix = options.Mixes[i % options.Mixes.Count];
            // Each mix meets each trigger in its turn.
            var trigger = options.Triggers[((i / options.Mixes.Count) + (i % options.Mixes.Count)) % options.Triggers.Count];
            LabRun run = new(options.IsBare ? ServerKind.Bare : ServerKind.ActorServer, mix, options.Size, trigger, options.LameDuck);
            results.Add(await run.RunAsync());
            await output.WriteLineAsync($"{i + 1,3}  {results[^1]}");
            if (!results[^1].IsClean)
            {
                await output.WriteLineAsync(results[^1].Output);
            }
        }

        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"{results.Count} runs, lost {results.Sum(r => r.Tally.Lost)}, too late {results.Sum(r => r.Tally.TooLate)}, "
            + $"answered {results.Sum(r => r.Tally.Answered)}, {results.Sum(r => r.Tally.AnsweredAfter)} of them after the stop; "
            + $"not clean: {results.Count(r => !r.IsClean)}"));
        return options.IsBare || results.All(r => r.IsClean) ? 0 : 1;
    }
}
