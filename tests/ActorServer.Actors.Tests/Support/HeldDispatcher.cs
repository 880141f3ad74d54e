using ActorServer.TestKit;
using Akka.Actor;
using Akka.Configuration;

namespace ActorServer.Actors.Tests;

/// <summary>A dispatcher of one thread for the actor of one connection; whoever holds that thread holds that actor.</summary>
internal sealed class HeldDispatcher : IDisposable
{
    /// <summary>The identity that the connection's transport gives it.</summary>
    public const string ConnectionId = "held";

    /// <summary>Gives the dispatcher to that connection's actor, and to no other.</summary>
    public static readonly Config Config = """
        akka.actor.deployment { "/actor-server-connections/node-held" { dispatcher = held } }
        held {
          type = ForkJoinDispatcher
          dedicated-thread-pool { thread-count = 1, threadtype = background }
        }
        """;

    private readonly ManualResetEventSlim _release = new();

    private HeldDispatcher()
    {
    }

    /// <summary>Holds the thread from now on.</summary>
    public static async Task<HeldDispatcher> HoldAsync(VirtualNode node)
    {
        HeldDispatcher held = new();
        var holder = node.System.ActorOf(Props.Create(static () => new Holder()).WithDispatcher("held"));
        TaskCompletionSource entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        holder.Tell(() =>
        {
            entered.SetResult();
            held._release.Wait(VirtualNodeExtensions.WaitMax);
        });
        await entered.Task.SoonAsync();
        return held;
    }

    /// <summary>Lets the thread go.</summary>
    public void Release() => _release.Set();

    // The holder still looks at the event: it is left to the garbage collector.
    public void Dispose() => Release();

    private sealed class Holder : UntypedActor
    {
        protected override void OnReceive(object message) => ((Action)message)();
    }
}
