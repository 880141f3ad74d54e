using System.Globalization;
using ActorServer.Actors;
using ActorServer.Cluster;
using ActorServer.Core;
using ActorServer.TestKit;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorServer.Cli.Tests.Support;

/// <summary>A node without sockets for clients, which the program reaches by TCP on a free port.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    private readonly ActorSystem _system;
    private readonly ActorServerNode _node;
    private readonly TransitionLog _transitions = new();
    private readonly PeerCertificates? _certificates;
    private int _accepted;

    public TestNode(string name = "web-1", IEnumerable<IDrainHook>? hooks = null, string? certs = null, string host = "127.0.0.1")
    {
        _certificates = certs is null ? null
            : PeerCertificates.LoadUnchecked(Path.Combine(certs, "node.pem"), Path.Combine(certs, "node.key"), Path.Combine(certs, "ca.pem"));
        var setup = ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(Remote(host, certs is not null)));
        _system = ActorSystem.Create("ActorServer", _certificates is null ? setup : setup.And(_certificates.ToSetup()));
        DrainOptions drain = new()
        {
            LameDuck = Duration.Zero,
            Spread = Duration.Zero,
            SilentGrace = Duration.Zero,
            IdleGrace = Duration.Zero,
        };
        _node = ActorServerNode.Start(
            _system, name, drain.Resolve(isDevelopment: false), new FakeListenerGate(), TimeProvider.System, [_transitions], hooks ?? [],
            NullLoggerFactory.Instance);
    }

    public IActorServer Server => _node;

    public Address Address => ((ExtendedActorSystem)_system).Provider.DefaultAddress;

    /// <summary>As an operator writes it.</summary>
    public string At => $"{Address.Host}:{Address.Port}";

    public void Enter(IClusterView cluster) => _node.Enter(cluster);

    public Task<Run> RunAsync(int exitCode, params IReadOnlyList<string> args) => Run.ExpectAsync(exitCode, ["--node", At, .. args]);

    public Run Start(params IReadOnlyList<string> args) => Run.Start(["--node", At, .. args]);

    /// <summary>A connection whose socket ends as soon as its actor says so.</summary>
    public async Task<VirtualConnection> AcceptAsync()
    {
        FakeTransport transport = new();
        VirtualConnection connection = new(
            _node.Accept(Interlocked.Increment(ref _accepted).ToString(CultureInfo.InvariantCulture), transport), transport);
        await _transitions.ReachAsync(connection.Id, ConnectionState.New);
        var told = Task.WhenAny(transport.CloseRequested, transport.Aborted);
        _ = told.ContinueWith(_ => connection.Cell.Closed(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        return connection;
    }

    /// <summary>A connection with one request in flight.</summary>
    public async Task<(VirtualConnection Connection, object Request)> AcceptBusyAsync(string path = "/slow")
    {
        var connection = await AcceptAsync();
        var request = connection.Start(path);
        await ReachAsync(connection, ConnectionState.Active);
        return (connection, request);
    }

    public Task ReachAsync(VirtualConnection connection, ConnectionState state) => _transitions.ReachAsync(connection.Id, state);

    public async ValueTask DisposeAsync()
    {
        await _system.Terminate().WaitAsync(Run.WaitMax);
        _node.Dispose();
        _certificates?.Dispose();
    }

    private static Config Remote(string host, bool tls) => ConfigurationFactory.ParseString($$"""
        akka {
          loglevel = OFF
          stdout-loglevel = OFF
          log-dead-letters = off
          log-dead-letters-during-shutdown = off
          coordinated-shutdown.run-by-clr-shutdown-hook = off
          actor.provider = remote
          remote.dot-netty.tcp { hostname = "{{host}}", port = 0, enable-ssl = {{(tls ? "on" : "off")}} }
        }
        """).WithFallback(WireSerializer.Configuration);
}

/// <summary>A cluster as a test wants it.</summary>
internal sealed class FakeCluster(params IReadOnlyList<Address> others) : IClusterView
{
    private readonly TaskCompletionSource<string> _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<string> Left => _left.Task;

    /// <summary>A member that is missing.</summary>
    public Address? Missing { get; set; }

    public IReadOnlyList<ClusterPeer> Others
        => [.. others.Select(a => new ClusterPeer(a, IsReachable: true)), .. Missing is { } missing ? [new ClusterPeer(missing, IsReachable: false)] : Array.Empty<ClusterPeer>()];

    public void Leave(string reason) => _left.SetResult(reason);

    public void Down(Address member) => Missing = Missing == member ? null : throw new InvalidOperationException($"{member} is not missing.");
}

/// <summary>A folder that goes with the test.</summary>
internal sealed class TestFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("actorctl-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
