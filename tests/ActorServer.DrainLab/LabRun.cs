using System.Diagnostics;
using System.Globalization;

namespace ActorServer.DrainLab;

/// <summary>One server under load, stopped once.</summary>
internal sealed record LabRun(ServerKind Server, Mix Mix, Size Size, Trigger Trigger, TimeSpan LameDuck)
{
    // A client is warm when it has had this many answers.
    private const int WarmAnswers = 2;

    // Of the clients that ask again and again; the ones that ask rarely are in the middle of something.
    private const double WarmShare = 0.8;

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan WarmWaitMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopWaitMax = TimeSpan.FromSeconds(60);

    // Late losses show only after the exit: a client whose data was dropped learns of it when it sends again.
    private static readonly TimeSpan HoldMax = TimeSpan.FromSeconds(5);

    /// <summary>What ActorServer is told besides.</summary>
    public IReadOnlyList<string> More { get; init; } = [];

    /// <summary>Runs it.</summary>
    public async Task<LabResult> RunAsync()
    {
        var time = TimeProvider.System;
        await using var server = await ServerProcess.StartAsync(Server, Settings());
        using CancellationTokenSource givenUp = new();
        Tally tally = new(time);
        Load load = new(server.Site, tally, time, givenUp.Token);
        var clients = Mix.Start(load, Size).ToList();
        await WarmAsync(tally, clients);

        // Somewhere in the middle of whatever the clients do.
        await load.ThinkAsync(TimeSpan.FromMilliseconds(300));
        tally.BeginStop();
        var start = time.GetTimestamp();
        var exitCode = await ExitAsync(server);
        var elapsed = time.GetElapsedTime(start);

        // Each client ends when it is refused, or its last connection has ended: none is on its way after that.
        givenUp.CancelAfter(HoldMax);
        await Task.WhenAll(clients);
        return new(this, tally, elapsed, exitCode, server.Output);
    }

    private async Task WarmAsync(Tally tally, List<Task> clients)
    {
        using PeriodicTimer timer = new(LookInterval);
        var start = Stopwatch.GetTimestamp();
        while (tally.Warm(WarmAnswers) < WarmShare * Size.Loops * (Mix.Name == "late" ? 0.5 : 1)
            && Stopwatch.GetElapsedTime(start) < WarmWaitMax
            && await timer.WaitForNextTickAsync())
        {
            // One that fails fails the run, now.
            await (clients.Find(c => c.IsFaulted) ?? Task.CompletedTask);
        }
    }

    private async Task<int> ExitAsync(ServerProcess server)
    {
        using CancellationTokenSource patience = new(StopWaitMax);
        try
        {
            return await server.StopAsync(Trigger, patience.Token);
        }
        catch (OperationCanceledException)
        {
            return LabResult.NeverEnded;
        }
    }

    private string[] Settings() => Server switch
    {
        ServerKind.ActorServer or ServerKind.Shop =>
        [
            string.Create(CultureInfo.InvariantCulture, $"--ActorServer:Drain:LameDuck={LameDuck.TotalMilliseconds}ms"),
            "--ActorServer:Drain:Spread=300ms",
            .. More,
        ],
        // WebSockets hold a bare Kestrel until its host's patience ends.
        ServerKind.Bare => ["--shutdownTimeoutSeconds=8"],
    };
}

/// <summary>What came of it.</summary>
internal sealed record LabResult(LabRun Run, Tally Tally, TimeSpan Elapsed, int ExitCode, string Output)
{
    /// <summary>The process did not end in time.</summary>
    public const int NeverEnded = -1;

    /// <summary>Nothing was lost, and nothing was cut.</summary>
    public bool IsClean => Tally.Lost == 0 && ExitCode == 0;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Run.Server,-11} {Run.Mix.Name,-10} {Run.Trigger,-6} lost {Tally.Lost,3}  too late {Tally.TooLate,4}  "
        + $"answered {Tally.Answered,6}, {Tally.AnsweredAfter,5} after the stop, {Tally.Announced,4} announced  refused {Tally.Refused,4}  "
        + $"goodbyes {Tally.Goodbyes,3}  exit {ExitCode} in {Elapsed.TotalMilliseconds:F0} ms")
        + string.Concat(Tally.Samples.Select(s => $"\n    {s}"));
}
