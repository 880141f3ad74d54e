using System.Globalization;
using System.Text.Json;

namespace ActorServer.DrainLab;

/// <summary>Nodes of one cluster, and what each of them says of the others.</summary>
internal sealed class Fleet(IReadOnlyList<FleetNode> nodes, params string[] settings) : IAsyncDisposable
{
    // Nobody is called so: who is asked for it names those there are.
    private const string Nobody = "nobody";
    private const string KnownHere = "known here: ";

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);

    private int _views;

    public IReadOnlyList<FleetNode> Nodes => nodes;

    /// <summary>How often a node was asked about the others, and said what is right.</summary>
    public int Views => _views;

    /// <summary>Three nodes on loopback.</summary>
    public static Fleet OfThree(params string[] settings)
        => new([FleetNode.Create("node1"), FleetNode.Create("node2"), FleetNode.Create("node3")], settings);

    /// <summary>Starts all, and waits until each knows each.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(nodes.Select(StartAsync));
        await KnowEachOtherAsync(nodes, cancellationToken);
    }

    /// <summary>Starts a node, again or for the first time.</summary>
    public Task StartAsync(FleetNode node) => node.StartAsync(nodes, settings);

    public IReadOnlyList<FleetNode> Except(FleetNode node) => [.. nodes.Where(n => n != node)];

    /// <summary>Waits until each of these knows all of these, and nobody else.</summary>
    public Task KnowEachOtherAsync(IReadOnlyList<FleetNode> those, CancellationToken cancellationToken)
    {
        var names = string.Join(", ", those.Select(static n => n.Name).Order(StringComparer.Ordinal));
        return Task.WhenAll(those.Select(node => RefusesAsync(node, Nobody, KnownHere + names + ".", cancellationToken)));
    }

    /// <summary>Waits until a node refuses to ask another, and says this of it.</summary>
    public async Task RefusesAsync(FleetNode node, string other, string sentence, CancellationToken cancellationToken)
    {
        using PeriodicTimer timer = new(LookInterval, TimeProvider.System);
        CtlEnd end;
        do
        {
            end = await node.CtlAsync(["status", "--on", other], cancellationToken);
            if (end.Code == 2 && end.Errors.Contains(sentence, StringComparison.Ordinal))
            {
                Interlocked.Increment(ref _views);
                return;
            }
        }
        while (await NextAsync(timer, $"It should be said by {node.Name}: {sentence}\n{end}", cancellationToken));
    }

    /// <summary>What one node says of another, or of itself.</summary>
    /// <returns>The status.</returns>
    public async Task<JsonElement> StatusAsync(FleetNode asked, FleetNode about, CancellationToken cancellationToken)
    {
        var end = await asked.CtlAsync(["status", "--json", "--on", about.Name], cancellationToken);
        if (end.Code != 0 || end.Json.GetProperty("node").GetString() != about.Name)
        {
            throw new InvalidOperationException($"{asked.Name} should know of {about.Name}: {end}");
        }

        Interlocked.Increment(ref _views);
        return end.Json;
    }

    /// <summary>Waits until one node says that another is in a phase.</summary>
    public Task PhaseAsync(FleetNode asked, FleetNode about, string phase, CancellationToken cancellationToken)
        => UntilAsync(asked, about, status => status.GetProperty("phase").GetString() == phase, cancellationToken);

    /// <summary>Waits until a node has a connection in a state.</summary>
    public Task ConnectionAsync(FleetNode node, string state, CancellationToken cancellationToken)
        => UntilAsync(node, node, status => status.GetProperty("connections").GetProperty(state).GetInt32() > 0, cancellationToken);

    /// <summary>Each of the others says that a node is in this phase, and does not take the others for it.</summary>
    public Task SayAsync(FleetNode about, string phase, CancellationToken cancellationToken)
        => Task.WhenAll(Except(about).Select(async asked =>
        {
            await ExpectAsync(asked, about, phase, cancellationToken);
            await ExpectAsync(asked, asked, "Serving", cancellationToken);
        }));

    public async ValueTask DisposeAsync()
    {
        foreach (var node in nodes)
        {
            await node.DisposeAsync();
        }
    }

    private async Task UntilAsync(FleetNode asked, FleetNode about, Predicate<JsonElement> isIt, CancellationToken cancellationToken)
    {
        using PeriodicTimer timer = new(LookInterval, TimeProvider.System);
        JsonElement status;
        do
        {
            status = await StatusAsync(asked, about, cancellationToken);
            if (isIt(status))
            {
                return;
            }
        }
        while (await NextAsync(timer, $"{asked.Name} still says of {about.Name}: {status}", cancellationToken));
    }

    private static async Task<bool> NextAsync(PeriodicTimer timer, string problem, CancellationToken cancellationToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(cancellationToken);
        }
        catch (OperationCanceledException exception)
        {
            throw new TimeoutException(problem, exception);
        }
    }

    private async Task ExpectAsync(FleetNode asked, FleetNode about, string phase, CancellationToken cancellationToken)
    {
        var status = await StatusAsync(asked, about, cancellationToken);
        if (status.GetProperty("phase").GetString() != phase || status.GetProperty("accepting").GetBoolean() != (phase == "Serving"))
        {
            throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture, $"{asked.Name} should say that {about.Name} is {phase}: {status.GetRawText()}"));
        }
    }
}
