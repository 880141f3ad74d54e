using System.Net;
using System.Text.Json;

namespace ActorServer.DrainLab;

/// <summary>Three nodes, each in a network of its own: two of them do not reach each other any more, and then do again.</summary>
internal static class PartitionRun
{
    /// <summary>The last word of a run in which all went well.</summary>
    public const string Well = "partition: all well";

    private const int Nodes = 3;
    private const int ApplicationPort = 5080;
    private const int RemotingPort = 4053;

    // At ten a second: longer than a cluster that gives up what it cannot reach waits before it does.
    private const int AnswersOfHalfAMinute = 350;

    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(180);

    /// <summary>In networks of its own: a process, and what it said.</summary>
    public static async Task<(int ExitCode, string Output)> StartAsync()
    {
        using var process = Networks.Start(Programs.Dotnet, Programs.Lab, "--partition-inside");
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using CancellationTokenSource patience = new(WaitMax + WaitMax);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            // All that it started ends with it.
            process.Kill();
        }

        var said = await output + await errors;
        return (process.ExitCode, said);
    }

    /// <summary>The run itself.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunInsideAsync(TextWriter output)
    {
        using CancellationTokenSource patience = new(WaitMax);
        try
        {
            await RunAsync(output, patience.Token);
            await output.WriteLineAsync(Well);
            return 0;
        }
#pragma warning disable CA1031 // Whatever went wrong is told to whoever started it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            await output.WriteLineAsync(exception.ToString());
            return 1;
        }
    }

    private static async Task RunAsync(TextWriter output, CancellationToken cancellationToken)
    {
        await Networks.MakeAsync(Nodes, cancellationToken);
        await using Fleet fleet = new(
            [.. Enumerable.Range(0, Nodes).Select(static i => new FleetNode(
                $"node{i + 1}", new(Networks.Address(i), ApplicationPort), new(Networks.Address(i), RemotingPort)) { Within = Networks.Within(i) })],
            "--ActorServer:Cluster:AllowInsecure=true", "--ActorServer:Drain:IdleGrace=3s");
        await fleet.StartAsync(cancellationToken);
        var (a, b, c) = (fleet.Nodes[0], fleet.Nodes[1], fleet.Nodes[2]);
        await using SteadyClient ofA = new(a.Application);
        await using SteadyClient ofB = new(b.Application);
        await using SteadyClient ofC = new(c.Application);
        await ServedAsync(1);
        await output.WriteLineAsync("Three nodes know each other; each has a client.");

        await Networks.CutAsync(0, 1, cut: true, cancellationToken);
        // Each says who is missing, by what it says of a node that it cannot reach.
        await fleet.RefusesAsync(a, b.Name, Missing(b), cancellationToken);
        await fleet.RefusesAsync(b, a.Name, Missing(a), cancellationToken);
        await output.WriteLineAsync("The first and the second do not reach each other, and say so.");
        await CountAsync(a, a);
        await CountAsync(b, b);
        await CountAsync(c, c);
        await CountAsync(a, c);
        await CountAsync(b, c);
        // What it has heard that the others do not reach is no reason for the third not to reach them.
        await CountAsync(c, a);
        await CountAsync(c, b);

        await ServedAsync(AnswersOfHalfAMinute);
        await CountAsync(a, a);
        await CountAsync(b, b);
        await CountAsync(c, c);
        await fleet.RefusesAsync(a, b.Name, Missing(b), cancellationToken);
        await fleet.RefusesAsync(b, a.Name, Missing(a), cancellationToken);
        await output.WriteLineAsync("Half a minute later each has its client, and nobody has been given up.");

        await Networks.CutAsync(0, 1, cut: false, cancellationToken);
        await fleet.KnowEachOtherAsync(fleet.Nodes, cancellationToken);
        foreach (var asked in fleet.Nodes)
        {
            foreach (var about in fleet.Nodes)
            {
                await CountAsync(asked, about);
            }
        }

        await ServedAsync(1);
        await output.WriteLineAsync("They reach each other again: each knows each, and each client has its first connection.");

        Task ServedAsync(int answers) => Task.WhenAll(
            ofA.AnsweredAsync(answers, cancellationToken), ofB.AnsweredAsync(answers, cancellationToken), ofC.AnsweredAsync(answers, cancellationToken));

        // It serves, has its one connection, and has had no other.
        async Task CountAsync(FleetNode asked, FleetNode about)
        {
            var status = await fleet.StatusAsync(asked, about, cancellationToken);
            var totals = status.GetProperty("totals");
            if (status.GetProperty("phase").GetString() != "Serving" || Number(status.GetProperty("connections"), "total") != 1
                || Number(totals, "accepted") != 1 || Number(totals, "closed") != 0)
            {
                throw new InvalidOperationException($"{asked.Name} says of {about.Name} {status}");
            }
        }
    }

    private static string Missing(FleetNode node) => $"No node {node.Name} is found, and 1 of the cluster's {Nodes} members cannot be reached: akka.tcp://ActorServer@{node.Remoting}.";

    private static int Number(JsonElement of, string name) => of.GetProperty(name).GetInt32();
}
