using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using ActorServer.Actors;
using ActorServer.Cli.Screens;
using ActorServer.Core;
using ActorServer.Core.Wire;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;

namespace ActorServer.Cli.Linking;

/// <summary>The way to one node: an actor system of its own, in no cluster.</summary>
internal sealed class NodeLink : IAsyncDisposable
{
    // Saying goodbye is manners: the node finds out by itself.
    private static readonly TimeSpan GoodbyeMax = TimeSpan.FromSeconds(1);

    // For one small message there and back.
    private static readonly TimeSpan HelloMax = TimeSpan.FromSeconds(1);

    private readonly Channel<object> _heard = Channel.CreateUnbounded<object>();
    private readonly Queue<IWireAnswer> _early = [];
    private readonly PeerIdentity? _identity;
    private readonly ActorSystem _system;
    private readonly ActorSelection _node;
    private readonly IActorRef _ear;

    private NodeLink(NodeAddress address, PeerIdentity? identity, TimeSpan timeout)
    {
        (Address, _identity, Timeout) = (address, identity, timeout);
        var setup = BootstrapSetup.Create().WithConfig(Configure(address));
        _system = ActorSystem.Create("actorctl", identity is null ? ActorSystemSetup.Create(setup) : ActorSystemSetup.Create(setup, identity.ToSetup()));
        var writer = _heard.Writer;
        _ear = _system.ActorOf(Props.Create(() => new Ear(address, writer)), "ear");
        _node = _system.ActorSelection(
            new RootActorPath(new Address(address.Protocol, address.System, address.Host, address.Port)) / "user" / ActorServerNode.GatewayName);
    }

    public NodeAddress Address { get; }

    /// <summary>How long to wait for an answer.</summary>
    public TimeSpan Timeout { get; }

    public static NodeLink Open(NodeAddress address, PeerIdentity? identity, TimeSpan timeout) => new(address, identity, timeout);

    /// <summary>Asks, and waits for the answer.</summary>
    /// <exception cref="RefusedException">There is none, or it is a refusal.</exception>
    public async Task<T> AskAsync<T>(IWireRequest request, CancellationToken cancelled)
        where T : class, IWireAnswer
    {
        _node.Tell(request, _ear);
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
        late.CancelAfter(Timeout);
        try
        {
            while (true)
            {
                var heard = await _heard.Reader.ReadAsync(late.Token);
                switch (heard)
                {
                    case T answer:
                        return answer;
                    case DrainProgress or DrainCompleted:
                        // What a drain says can overtake what its verb waits for.
                        _early.Enqueue((IWireAnswer)heard);
                        break;
                    case WayLost:
                        throw new RefusedException(await Diagnosis.OfAsync(Address, _identity, Timeout, cancelled));
                    default:
                        throw Refusal(heard);
                }
            }
        }
        catch (OperationCanceledException) when (!cancelled.IsCancellationRequested)
        {
            throw new RefusedException(
                await IsThereAsync(cancelled) is { } name
                    ? Plain.Text($"{name} is there, but did not answer within {new Duration(Timeout)}: what it was told may still be done.")
                    : await Diagnosis.OfAsync(Address, _identity, Timeout, cancelled));
        }
    }

    // A node says its name at once, whatever its other actors are waiting for.
    private async Task<string?> IsThereAsync(CancellationToken cancelled)
    {
        _node.Tell(new Hello(), _ear);
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
        late.CancelAfter(HelloMax);
        try
        {
            while (true)
            {
                switch (await _heard.Reader.ReadAsync(late.Token))
                {
                    case Here here:
                        return here.Node;
                    case WayLost:
                        return null;
                    default:
                        // An answer that came late: the verb is over.
                        break;
                }
            }
        }
        catch (OperationCanceledException) when (!cancelled.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>The next word of a drain; null when the node was silent for as long as an answer may take.</summary>
    /// <exception cref="RefusedException">The node is gone.</exception>
    public async Task<IWireAnswer?> NextAsync(CancellationToken cancelled)
    {
        if (_early.TryDequeue(out var early))
        {
            return early;
        }

        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
        late.CancelAfter(Timeout);
        try
        {
            return await _heard.Reader.ReadAsync(late.Token) switch
            {
                DrainProgress progress => progress,
                DrainCompleted completed => completed,
                WayLost lost => throw new RefusedException($"{Address} is lost: {lost.Reason} It may go on with what it was told."),
                var other => throw Refusal(other),
            };
        }
        catch (OperationCanceledException) when (!cancelled.IsCancellationRequested)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAny(_system.Terminate(), Task.Delay(GoodbyeMax, TimeProvider.System));
        _identity?.Dispose();
    }

    private static RefusedException Refusal(object heard) => new(heard switch
    {
        Refused refused => Plain.Text($"{refused.Node}: {refused.Message}"),
        Gone { EndReason: { } reason } gone => Plain.Text($"Connection {gone.Id} has ended already: {reason}."),
        Gone gone => Plain.Text($"There is no connection {gone.Id}, or it ended too long ago to be remembered."),
        NotUnderstood not => Plain.Text($"{not.Node} does not understand {not.Manifest}; it may be older than this actorctl. {not.Message}"),
        Unreadable unreadable => Plain.Text($"The node said {unreadable.Manifest}; it may be newer than this actorctl. {unreadable.Problem}"),
        _ => $"The node said something else than was asked: {heard.GetType().Name}.",
    });

    private static Config Configure(NodeAddress address) => ConfigurationFactory.ParseString($$"""
        akka {
          loglevel = OFF
          stdout-loglevel = OFF
          log-dead-letters = off
          log-dead-letters-during-shutdown = off
          coordinated-shutdown { run-by-clr-shutdown-hook = off, exit-clr = off }
          actor {
            provider = remote
            # Nothing but the protocol: the usual serializer makes objects of whatever type a message names.
            serializers.json = "ActorServer.Cli.Linking.NoSerializer, actorctl"
          }
          remote {
            # A node may watch; it may not command.
            untrusted-mode = on
            trusted-selection-paths = ["/system/remote-watcher"]
            dot-netty.tcp {
              # Answers come by the connection that is opened from here: nobody needs to reach this one.
              hostname = "{{OwnHost(address)}}"
              bind-hostname = "127.0.0.1"
              port = 0
              connection-timeout = 10s
              enable-ssl = {{(address.Tls ? "true" : "false")}}
            }
          }
        }
        """).WithFallback(WireSerializer.Configuration);

    // A name of its own among all that speak with the node. No packet is sent.
    private static string OwnHost(NodeAddress address)
    {
        try
        {
            using Socket socket = new(SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(address.Host, address.Port);
            var own = ((IPEndPoint)socket.LocalEndPoint!).Address;
            return (own.IsIPv4MappedToIPv6 ? own.MapToIPv4() : own).ToString();
        }
        catch (SocketException)
        {
            // No way there at all, which shows in a moment.
            return "127.0.0.1";
        }
    }
}
