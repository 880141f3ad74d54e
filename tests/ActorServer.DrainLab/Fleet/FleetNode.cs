using System.Globalization;
using System.Net;

namespace ActorServer.DrainLab;

/// <summary>A node of a cluster: a process that may go, and come back under its name and its addresses.</summary>
internal sealed class FleetNode(string name, IPEndPoint application, IPEndPoint remoting) : IAsyncDisposable
{
    private ServerProcess? _process;

    public string Name => name;

    /// <summary>Where its clients come.</summary>
    public IPEndPoint Application => application;

    /// <summary>Where operators and the other nodes reach it.</summary>
    public IPEndPoint Remoting => remoting;

    /// <summary>What its process is started by: the program and its arguments. Empty, the default: nothing.</summary>
    public IReadOnlyList<string> Within { get; init; } = [];

    /// <summary>What serves there.</summary>
    public ServerKind Kind { get; init; } = ServerKind.ActorServer;

    /// <summary>Its last words.</summary>
    public string Output => _process?.Output ?? "";

    /// <summary>A node on loopback.</summary>
    public static FleetNode Create(string name, ServerKind kind = ServerKind.ActorServer)
        => new(name, new(IPAddress.Loopback, Ports.Free()), new(IPAddress.Loopback, Ports.Free())) { Kind = kind };

    /// <summary>Starts its process, which joins those it is told of, and waits until it serves.</summary>
    public async Task StartAsync(IEnumerable<FleetNode> seeds, params IEnumerable<string> settings)
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _process = await ServerProcess.StartAsync(
            Kind,
            Within,
            [
                $"--ActorServer:Node={name}",
                $"--Kestrel:Endpoints:Plain:Url=http://{application}",
                $"--ActorServer:Cluster:Hostname={remoting.Address}",
                string.Create(CultureInfo.InvariantCulture, $"--ActorServer:Cluster:Port={remoting.Port}"),
                $"--ActorServer:Cluster:SeedNodes={string.Join(',', seeds.Select(static s => s.Remoting))}",
                .. settings,
            ]);
    }

    /// <summary>Runs a verb of actorctl that asks this node.</summary>
    public Task<CtlEnd> CtlAsync(IEnumerable<string> words, CancellationToken cancellationToken)
        => Actorctl.RunAsync([.. words, "--node", $"akka.tcp://{(Kind == ServerKind.Shop ? ShopServer.System : "ActorServer")}@{remoting}"], cancellationToken);

    /// <summary>Sends SIGTERM, and waits for the end.</summary>
    /// <returns>The exit code.</returns>
    public Task<int> StopAsync(CancellationToken cancellationToken) => _process!.StopAsync(Trigger.Signal, cancellationToken);

    /// <summary>Waits for the end.</summary>
    /// <returns>The exit code.</returns>
    public Task<int> ExitAsync(CancellationToken cancellationToken) => _process!.ExitAsync(cancellationToken);

    /// <summary>Ends its process as nothing can resist.</summary>
    public Task KillAsync(CancellationToken cancellationToken) => _process!.KillAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
    }

    public override string ToString() => $"{name} at {remoting}";
}
