using System.Globalization;

namespace ActorServer.DrainLab;

/// <summary>
/// A cluster of three nodes behind a balancer, under load. Each in its turn is drained and resumed, told to leave, started, stopped
/// by a signal, and started: by actorctl wherever a node is told something.
/// </summary>
internal sealed class FleetRun(int rounds, int clients, TimeSpan lameDuck, TextWriter? output = null)
{
    // So many answers of the other nodes, while one is drained.
    private const int AnswersMeanwhile = 100;
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(120);

    private readonly List<int> _exits = [];
    private readonly List<int> _verbs = [];

    public async Task<FleetResult> RunAsync()
    {
        await using var fleet = Fleet.OfThree(
            string.Create(CultureInfo.InvariantCulture, $"--ActorServer:Drain:LameDuck={lameDuck.TotalMilliseconds}ms"),
            "--ActorServer:Drain:Spread=300ms");
        using (CancellationTokenSource patience = new(WaitMax))
        {
            await fleet.StartAsync(patience.Token);
        }

        await using var balancer = await Balancer.StartAsync([.. fleet.Nodes.Select(n => n.Application)]);
        await using FleetClients load = new(balancer.Address, clients);
        for (var round = 1; round <= rounds; round++)
        {
            for (var i = 0; i < fleet.Nodes.Count; i++)
            {
                using CancellationTokenSource patience = new(WaitMax);
                await TakeAwayAsync(fleet, i, balancer, load, patience.Token);
            }

            await (output?.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"round {round}: answered {load.Answered}, lost {load.Lost}")) ?? Task.CompletedTask);
        }

        await load.EndAsync();
        return new(rounds, load.Answered, load.Lost, load.Samples, _verbs, _exits, fleet.Views);
    }

    private async Task TakeAwayAsync(Fleet fleet, int i, Balancer balancer, FleetClients load, CancellationToken cancellationToken)
    {
        var node = fleet.Nodes[i];
        await balancer.ServesAsync(i, cancellationToken);
        await TellAsync(node, ["drain", "--wait", "--reason", "the lab"], cancellationToken);
        await fleet.SayAsync(node, "Drained", cancellationToken);
        await GetsNobodyAsync(fleet, node, load, cancellationToken);
        await TellAsync(node, ["resume"], cancellationToken);
        await fleet.SayAsync(node, "Serving", cancellationToken);
        await balancer.ServesAsync(i, cancellationToken);

        await TellAsync(node, ["leave", "--wait", "--reason", "a new version"], cancellationToken);
        _exits.Add(await node.ExitAsync(cancellationToken));
        await ComesBackAsync(fleet, node, cancellationToken);
        await balancer.ServesAsync(i, cancellationToken);

        _exits.Add(await node.StopAsync(cancellationToken));
        await ComesBackAsync(fleet, node, cancellationToken);
    }

    private async Task TellAsync(FleetNode node, IEnumerable<string> words, CancellationToken cancellationToken)
    {
        var end = await node.CtlAsync(words, cancellationToken);
        _verbs.Add(end.Code);
        if (end.Code != 0)
        {
            throw new InvalidOperationException($"{end}\n{node.Output}");
        }
    }

    // Whoever is sent away by a node does not come back to it, however often he comes.
    private static async Task GetsNobodyAsync(Fleet fleet, FleetNode node, FleetClients load, CancellationToken cancellationToken)
    {
        var before = await fleet.StatusAsync(node, node, cancellationToken);
        await load.AnsweredAsync(AnswersMeanwhile, cancellationToken);
        var after = await fleet.StatusAsync(node, node, cancellationToken);
        if (before.GetProperty("totals").GetRawText() != after.GetProperty("totals").GetRawText())
        {
            throw new InvalidOperationException($"{node.Name} is drained, and has been asked something: {before} became {after}");
        }
    }

    private static async Task ComesBackAsync(Fleet fleet, FleetNode node, CancellationToken cancellationToken)
    {
        await fleet.KnowEachOtherAsync(fleet.Except(node), cancellationToken);
        await fleet.StartAsync(node);
        await fleet.KnowEachOtherAsync(fleet.Nodes, cancellationToken);
    }
}

/// <summary>What came of it.</summary>
/// <param name="Rounds">How many there were.</param>
/// <param name="Answered">Requests with the right answer.</param>
/// <param name="Lost">Requests without.</param>
/// <param name="Samples">The first of them.</param>
/// <param name="Verbs">How each verb of actorctl ended.</param>
/// <param name="Exits">How each node's process ended.</param>
/// <param name="Views">How often a node said of the others what is right.</param>
internal sealed record FleetResult(
    int Rounds, int Answered, int Lost, IReadOnlyList<string> Samples, IReadOnlyList<int> Verbs, IReadOnlyList<int> Exits, int Views)
{
    /// <summary>Nothing was lost, and nothing was cut.</summary>
    public bool IsClean => Lost == 0 && Exits.Concat(Verbs).All(static code => code == 0);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Rounds} rounds, each of three nodes drained and resumed, told to leave and started, stopped and started: answered {Answered}, "
        + $"lost {Lost}; actorctl ended {Verbs.Count} times, {Verbs.Count(static c => c != 0)} of them not with 0; nodes ended {Exits.Count} "
        + $"times, {Exits.Count(static c => c != 0)} of them not with 0; others' views of them: {Views}, all right")
        + string.Concat(Samples.Select(s => $"\n    {s}"));
}
