using ActorServer.Core;
using ActorServer.Core.Wire;
using ActorServer.EndToEnd.Tests.Admin;
using ActorServer.TestKit;
using Akka.Cluster;
using Wire = ActorServer.Core.Wire;

namespace ActorServer.EndToEnd.Tests.HostProcess;

/// <summary>A node of a cluster drains before it leaves, however it is told to go, and its process says how it went.</summary>
public sealed class ClusterEndSpecs
{
    [Fact]
    [Trait("Conformance", "119")]
    public async Task A_signal_drains_then_leaves_then_ends_the_process()
    {
        await using var host = await StartAsync();
        await using var fellow = await FellowMember.JoinAsync(host);
        await using var client = await BusyAsync(host);

        await host.SignalAsync("TERM");
        await host.ReachAsync("Draining");
        Assert.True(fellow.HearsNothing);
        await client.SendAsync("def");

        Assert.Equal("6", (await client.ReadResponseAsync()).Body);
        await fellow.HearsAsync(nameof(MemberStatus.Leaving));
        await fellow.HearsAsync(nameof(MemberStatus.Removed));
        Assert.Equal(0, await host.ExitAsync());
        Assert.Empty(host.Output.Errors);
    }

    [Fact]
    [Trait("Conformance", "119")]
    public async Task Told_to_leave_by_a_message_it_drains_first_and_says_when_it_has()
    {
        await using var host = await StartAsync();
        await using var fellow = await FellowMember.JoinAsync(host);
        await using var client = await BusyAsync(host);

        fellow.Tell(new Wire.Leave(Reason: "a new version", By: "the test"));
        Assert.Equal(DrainTrigger.ClusterLeave, (await fellow.AnswerAsync<DrainAccepted>()).Drain.Trigger);
        Assert.Equal("ClusterLeave", (await host.ReachAsync("Draining")).GetProperty("drain").Text("trigger"));
        Assert.True(fellow.HearsNothing);
        await client.SendAsync("def");

        Assert.Equal("6", (await client.ReadResponseAsync()).Body);
        Assert.Equal((1, 0), (await fellow.AnswerAsync<DrainCompleted>()) is { Drain: var drain } ? (drain.Completed, drain.Aborted) : default);
        await fellow.HearsAsync(nameof(MemberStatus.Leaving));
        await fellow.HearsAsync(nameof(MemberStatus.Removed));
        Assert.Equal(0, await host.ExitAsync());
    }

    [Fact]
    [Trait("Conformance", "119")]
    public async Task Asked_away_by_another_member_it_drains_before_it_is_gone()
    {
        await using var host = await StartAsync();
        await using var fellow = await FellowMember.JoinAsync(host);
        await using var client = await BusyAsync(host);

        fellow.Cluster.Leave(fellow.Host);
        Assert.Equal("ClusterLeave", (await host.ReachAsync("Draining")).GetProperty("drain").Text("trigger"));
        await client.SendAsync("def");

        Assert.Equal("6", (await client.ReadResponseAsync()).Body);
        await fellow.HearsAsync(nameof(MemberStatus.Removed));
        Assert.Equal(0, await host.ExitAsync());
    }

    [Fact]
    [Trait("Conformance", "119")]
    public async Task What_a_leave_had_to_abort_is_told_by_the_exit_code()
    {
        await using var host = await StartAsync("--ActorServer:Drain:Budget=200ms");
        await using var fellow = await FellowMember.JoinAsync(host);
        await using var client = await BusyAsync(host);

        fellow.Cluster.Leave(fellow.Host);

        Assert.Equal(RawEnd.Reset, await client.ReadEndAsync());
        Assert.Equal(1, await host.ExitAsync());
    }

    [Fact]
    public async Task Downed_it_drains_all_the_same_but_has_not_ended_well()
    {
        await using var host = await StartAsync();
        await using var fellow = await FellowMember.JoinAsync(host);
        await using var client = await BusyAsync(host);

        fellow.Cluster.Down(fellow.Host);
        await host.ReachAsync("Draining");
        await client.SendAsync("def");

        Assert.Equal("6", (await client.ReadResponseAsync()).Body);
        Assert.Equal(255, await host.ExitAsync());
    }

    [Fact]
    public async Task A_signal_in_the_middle_of_a_leave_joins_its_drain()
    {
        await using var host = await StartAsync();
        await using var fellow = await FellowMember.JoinAsync(host);
        await using var client = await BusyAsync(host);

        fellow.Cluster.Leave(fellow.Host);
        await host.ReachAsync("Draining");
        await host.SignalAsync("TERM");
        await host.Output.LineAsync("joined by Signal");
        await client.SendAsync("def");

        Assert.Equal("6", (await client.ReadResponseAsync()).Body);
        Assert.Equal(0, await host.ExitAsync());
    }

    private static Task<RunningHost> StartAsync(params IEnumerable<string> options)
        => RunningHost.StartAsync([.. RunningHost.AnyPort, .. RunningHost.Swift, .. options]);

    // Half of a request that is answered with the number of its bytes.
    private static async Task<RawClient> BusyAsync(RunningHost host)
    {
        var client = await host.ConnectAsync();
        await client.SendAsync("POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6\r\n\r\nabc");
        await host.CountAsync("active", 1);
        return client;
    }
}
