using System.Threading.Channels;
using ActorServer.Core.Wire;
using Akka.Actor;
using Akka.Remote;

namespace ActorServer.Cli.Linking;

/// <summary>Hears what the node says, and whether the way to it holds.</summary>
/// <remarks>Hears: answers; remoting's events. Tells: the one verb that reads the channel. Dies: with the program. If it crashes, its
/// successor writes to the same channel.</remarks>
internal sealed class Ear(NodeAddress address, ChannelWriter<object> heard) : UntypedActor
{
    protected override void PreStart() => Context.System.EventStream.Subscribe(Self, typeof(RemotingLifecycleEvent));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case IWireMessage:
                heard.TryWrite(message);
                break;
            case AssociationErrorEvent error when IsOurs(error.RemoteAddress):
                heard.TryWrite(new WayLost(error.Cause.Message));
                break;
            case DisassociatedEvent gone when IsOurs(gone.RemoteAddress):
                heard.TryWrite(new WayLost("The connection ended."));
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private bool IsOurs(Address other) => other.Host == address.UrlHost && other.Port == address.Port;
}

/// <summary>There is no connection to the node, or no longer.</summary>
/// <param name="Reason">As remoting words it.</param>
internal sealed record WayLost(string Reason);
