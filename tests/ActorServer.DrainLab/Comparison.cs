namespace ActorServer.DrainLab;

/// <summary>A bare Kestrel beside ActorServer, with the same clients, stopped by the same signal.</summary>
internal static class Comparison
{
    private const string Header = """
        | clients | Kestrel: lost | and too late | ActorServer: lost | and too late |
        |---|---|---|---|---|
        """;

    public static async Task<int> RunAsync(LabOptions options, TextWriter output)
    {
        await output.WriteLineAsync(Header);
        var clean = true;
        foreach (var mix in options.Mixes)
        {
            List<LabResult> bare = [];
            List<LabResult> own = [];
            for (var i = 0; i < options.Runs; i++)
            {
                bare.Add(await new LabRun(ServerKind.Bare, mix, options.Size, Trigger.Signal, options.LameDuck).RunAsync());
                own.Add(await new LabRun(ServerKind.ActorServer, mix, options.Size, Trigger.Signal, options.LameDuck).RunAsync());
            }

            await output.WriteLineAsync(
                $"| {mix.Name}: {mix.Says} | {List(bare, t => t.Lost)} | {List(bare, t => t.TooLate)} "
                + $"| {List(own, t => t.Lost)} | {List(own, t => t.TooLate)} |");
            clean &= own.TrueForAll(r => r.IsClean);
        }

        return clean ? 0 : 1;
    }

    private static string List(List<LabResult> results, Func<Tally, int> count)
        => string.Join(", ", results.Select(r => count(r.Tally)));
}
