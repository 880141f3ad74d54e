using ActorServer.Actors;
using ActorServer.Core;
using ActorServer.TestKit;
using Akka.Actor;
using Akka.TestKit.Xunit2;

namespace Shop.Tests;

/// <summary>Drains of many seconds that take none.</summary>
public sealed class DrainSpecs
{
    // docs: drain
    [Fact]
    public async Task A_customer_who_never_ends_is_cut_before_the_deadline()
    {
        await using var node = VirtualNode.Start(new DrainOptions
        {
            Budget = TimeSpan.FromSeconds(20),
            LameDuck = TimeSpan.FromSeconds(5),
            AbortWait = TimeSpan.FromSeconds(2),
        });
        var idle = await node.AcceptIdleAsync();
        var (busy, _) = await node.AcceptBusyAsync("/checkout");

        // LameDuck: responses announce the close, and nobody is closed.
        var drained = node.Server.DrainAsync();
        await node.Transitions.ReachAsync(NodePhase.LameDuck);
        await node.SettleAsync();
        Assert.False(idle.IsToldToEnd());

        // Draining: the ports are closed, and idle connections close one after the other.
        await node.AdvanceAsync(TimeSpan.FromSeconds(5));
        await node.Transitions.ReachAsync(NodePhase.Draining);
        await node.AdvanceAsync(TimeSpan.FromSeconds(3));
        Assert.True(idle.IsToldToEnd());
        Assert.False(busy.IsToldToEnd());
        await node.ObeyAsync(idle);

        // 18 s after the start, the deadline less AbortWait.
        await node.AdvanceAsync(TimeSpan.FromSeconds(10));
        Assert.True(busy.Transport.Aborted.IsCompleted);
        await node.ObeyAsync(busy);

        Assert.Equal((1, 1), ((await drained).Closed, (await drained).Aborted));
    }
    // docs: end

    // docs: probe
    [Fact]
    public async Task A_probe_hears_what_happens_and_what_is_told()
    {
        await using var node = VirtualNode.Start(new DrainOptions { LameDuck = Duration.Zero, Spread = Duration.Zero });
        using TestKit kit = new(node.System);
        var (transitions, messages) = (kit.CreateTestProbe(), kit.CreateTestProbe());
        node.Transitions.TellTo(transitions);
        node.TellMessagesTo(messages);

        var customer = await node.AcceptIdleAsync();
        foreach (var state in new[] { ConnectionState.New, ConnectionState.Active, ConnectionState.Idle })
        {
            Assert.Equal(state, (await transitions.ExpectMsgAsync<ConnectionTransition>()).To);
        }

        await node.Server.Connection(customer.Id).CloseAsync();
        await messages.FishForMessageAsync<ToldConnection>(m => m.Id == customer.Id && m.Name == "CloseOrder");

        // Its actor ends with its connection.
        var actor = await node.System.ConnectionActorAsync(customer.Id);
        await transitions.WatchAsync(actor);
        await node.ObeyAsync(customer);
        await transitions.FishForMessageAsync<Terminated>(t => t.ActorRef.Equals(actor));
    }
    // docs: end
}
