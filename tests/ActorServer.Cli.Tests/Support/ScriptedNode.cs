using ActorServer.Actors;
using ActorServer.Core;
using ActorServer.Core.Wire;
using Akka.Actor;
using Akka.Configuration;

namespace ActorServer.Cli.Tests.Support;

/// <summary>What passes for a node and says what a test wants: words get lost, come late, or are another node's.</summary>
internal sealed class ScriptedNode : IAsyncDisposable
{
    public const string Name = "web-1";

    private static readonly DateTimeOffset At = new(2026, 11, 23, 2, 0, 0, TimeSpan.Zero);

    private readonly ActorSystem _system = ActorSystem.Create("ActorServer", ConfigurationFactory.ParseString("""
        akka {
          loglevel = OFF
          stdout-loglevel = OFF
          coordinated-shutdown.run-by-clr-shutdown-hook = off
          actor.provider = remote
          remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 }
        }
        """).WithFallback(WireSerializer.Configuration));

    /// <param name="script">What it says to a request; nothing: silence.</param>
    public ScriptedNode(Func<IWireRequest, IEnumerable<IWireAnswer>> script)
        => _system.ActorOf(Props.Create(() => new Gateway(script)), ActorServerNode.GatewayName);

    /// <summary>As an operator writes it.</summary>
    public string Place => ((ExtendedActorSystem)_system).Provider.DefaultAddress is var address ? $"{address.Host}:{address.Port}" : "";

    /// <summary>A drain that runs.</summary>
    public static DrainReport Drain(int minute = 0) => new(
        "1", DrainPhase.Draining, DrainTrigger.Message, null, At.AddMinutes(minute), At.AddMinutes(minute), null, null, 7, 7, 0, 0, 0, 0, []);

    /// <summary>A drain that is over.</summary>
    public static DrainReport Ended(DrainPhase phase, int minute = 0)
        => Drain(minute) with { Phase = phase, EndedAt = At.AddMinutes(minute + 1), Remaining = 0, Closed = 7 };

    public static StatusAnswer Status(DrainReport? drain)
        => new(Name, new(Name, NodePhase.Draining, false, false, At, new(0, 0, 0, 0), new(), drain));

    public Run Start(params IReadOnlyList<string> args) => Run.Start(["--node", Place, .. args]);

    public async ValueTask DisposeAsync() => await _system.Terminate().WaitAsync(Run.WaitMax);

    private sealed class Gateway(Func<IWireRequest, IEnumerable<IWireAnswer>> script) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            foreach (var answer in message is IWireRequest request ? script(request) : [])
            {
                Sender.Tell(answer);
            }
        }
    }
}
