using System.Globalization;

namespace ActorServer.DrainLab;

/// <summary>Three nodes behind a balancer, under load: each in its turn is drained and resumed, and stopped and started again.</summary>
internal sealed class FleetRun(int rounds, int clients, TimeSpan lameDuck)
{
    private const int Nodes = 3;
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(60);

    public async Task<FleetResult> RunAsync()
    {
        List<ServerProcess> servers = [];
        try
        {
            for (var i = 0; i < Nodes; i++)
            {
                servers.Add(await StartAsync(Balancer.FreePort()));
            }

            await using var balancer = await Balancer.StartAsync([.. servers.Select(s => s.Site.Plain)]);
            await using FleetClients load = new(balancer.Address, clients);
            List<int> exitCodes = [];
            for (var round = 0; round < rounds; round++)
            {
                for (var i = 0; i < Nodes; i++)
                {
                    using CancellationTokenSource patience = new(WaitMax);
                    await balancer.ServesAsync(i, patience.Token);
                    await servers[i].DrainAsync(patience.Token);
                    await servers[i].ResumeAsync(patience.Token);
                    await balancer.ServesAsync(i, patience.Token);
                    exitCodes.Add(await servers[i].StopAsync(Trigger.Signal, patience.Token));
                    var port = servers[i].Site.Plain.Port;
                    await servers[i].DisposeAsync();
                    servers[i] = await StartAsync(port);
                }
            }

            await load.EndAsync();
            return new(rounds, load.Answered, load.Lost, load.Samples, exitCodes);
        }
        finally
        {
            foreach (var server in servers)
            {
                await server.DisposeAsync();
            }
        }
    }

    private Task<ServerProcess> StartAsync(int port) => ServerProcess.StartAsync(
        ServerKind.ActorServer,
        string.Create(CultureInfo.InvariantCulture, $"--Kestrel:Endpoints:Plain:Url=http://127.0.0.1:{port}"),
        string.Create(CultureInfo.InvariantCulture, $"--ActorServer:Drain:LameDuck={lameDuck.TotalMilliseconds}ms"),
        "--ActorServer:Drain:Spread=300ms");
}

/// <summary>What came of it.</summary>
internal sealed record FleetResult(int Rounds, int Answered, int Lost, IReadOnlyList<string> Samples, IReadOnlyList<int> ExitCodes)
{
    /// <summary>Nothing was lost, and nothing was cut.</summary>
    public bool IsClean => Lost == 0 && ExitCodes.All(static code => code == 0);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Rounds} rounds, each of three nodes drained and resumed, stopped and started: answered {Answered}, lost {Lost}, "
        + $"exit codes {string.Join(' ', ExitCodes)}") + string.Concat(Samples.Select(s => $"\n    {s}"));
}
