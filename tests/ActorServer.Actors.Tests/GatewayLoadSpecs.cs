using ActorServer.TestKit;
using Akka.Actor;
using Akka.Configuration;
using Wire = ActorServer.Core.Wire;

namespace ActorServer.Actors.Tests;

/// <summary>A gateway that is asked more than it can answer: what waits is bounded, whoever asks is told, and changes still get through.</summary>
public sealed class GatewayLoadSpecs : IAsyncDisposable
{
    // As many as a gateway bears.
    private const int Max = 1000;

    private readonly VirtualNode _node = VirtualNode.Start(
        config: ((Config)"""akka.actor.deployment { "/actor-server-connections" { dispatcher = held } }""").WithFallback(HeldDispatcher.Config));

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task What_is_beyond_is_refused_at_once_and_a_change_is_heard_all_the_same()
    {
        using var hold = await HeldDispatcher.HoldAsync(_node);
        var gateway = _node.System.ActorSelection($"/user/{ActorServerNode.GatewayName}");
        const int beyond = 10;

        List<Task<Wire.IWireAnswer>> asked = [.. Enumerable.Range(0, Max + beyond).Select(
            _ => gateway.Ask<Wire.IWireAnswer>(new Wire.GetStatus(), VirtualNodeExtensions.WaitMax))];
        var change = gateway.Ask<Wire.IWireAnswer>(new Wire.Suspend(Node: "node"), VirtualNodeExtensions.WaitMax);
        var refused = await Task.WhenAll(asked.TakeLast(beyond)).SoonAsync();

        Assert.All(refused, answer => Assert.Equal(Wire.RefusalCode.NoAnswer, Assert.IsType<Wire.Refused>(answer).Code));
        Assert.All(asked.SkipLast(beyond), task => Assert.False(task.IsCompleted));
        Assert.False(change.IsCompleted);

        hold.Release();
        var answers = await Task.WhenAll(asked.SkipLast(beyond)).SoonAsync();
        Assert.All(answers, answer => Assert.IsType<Wire.StatusAnswer>(answer));
        Assert.IsType<Wire.StatusAnswer>(await change.SoonAsync());
        // There is room again.
        Assert.IsType<Wire.StatusAnswer>(await gateway.Ask<Wire.IWireAnswer>(new Wire.GetStatus(), VirtualNodeExtensions.WaitMax));
    }

    [Fact]
    public async Task So_many_may_subscribe_and_no_more()
    {
        var gateway = _node.System.ActorSelection($"/user/{ActorServerNode.GatewayName}");
        List<Subscriber> subscribers = [.. Enumerable.Range(0, Max + 1).Select(_ => new Subscriber(_node.System))];

        foreach (var subscriber in subscribers)
        {
            gateway.Tell(new Wire.SubscribeToDrain(), subscriber.Actor);
            if (subscriber != subscribers[^1])
            {
                Assert.IsType<Wire.Subscribed>(await subscriber.Answer.SoonAsync());
            }
        }

        Assert.Equal(Wire.RefusalCode.NoAnswer, Assert.IsType<Wire.Refused>(await subscribers[^1].Answer.SoonAsync()).Code);
    }

    /// <summary>An actor of its own, and the first thing that it is told.</summary>
    private sealed class Subscriber
    {
        private readonly TaskCompletionSource<object> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Subscriber(ActorSystem system) => Actor = system.ActorOf(Props.Create(() => new Ear(_answer)));

        public IActorRef Actor { get; }

        public Task<object> Answer => _answer.Task;
    }

    private sealed class Ear(TaskCompletionSource<object> first) : UntypedActor
    {
        protected override void OnReceive(object message) => first.TrySetResult(message);
    }
}
