using ActorServer.Core;
using ActorServer.TestKit;
using Akka.Actor;
using Akka.Configuration;

namespace ActorServer.Actors.Tests;

/// <summary>A connection's actor that somebody else stops has a successor, and one that cannot be made leaves nobody hanging.</summary>
[Trait("Conformance", "106")]
public sealed class StoppedActorSpecs : IAsyncDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    // The second connection's actor cannot be made: its dispatcher is not there.
    private static readonly Config NoSecond = """akka.actor.deployment { "/actor-server-connections/node-2" { dispatcher = no-such-dispatcher } }""";

    private readonly VirtualNode _node = VirtualNode.Start(new() { LameDuck = Second, Spread = Duration.Zero }, config: NoSecond);

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task A_successor_goes_on_where_the_connection_stands(object end)
    {
        var (connection, request) = await _node.AcceptBusyAsync();
        await StopAllAsync(end);
        connection.End(request);
        connection.End(connection.Start(), keepAlive: false);
        await _node.SettleAsync();
        Assert.Equal(new ConnectionCounts(0, Active: 1, 0, 0), (await _node.Server.StatusAsync()).Connections);
        connection.Cell.Closed();

        await _node.AssertWentAsync(
            connection, ConnectionState.New, ConnectionState.Active, ConnectionState.Idle, ConnectionState.Active, ConnectionState.Closed);
        Assert.False(connection.IsToldToEnd());
        var status = await _node.Server.StatusAsync();
        Assert.Equal(new(Accepted: 1, Closed: 1, Requests: 2), status.Totals);
        Assert.Equal(0, status.Connections.Total);
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task A_successor_does_what_the_connection_was_told(object end)
    {
        var idle = await _node.AcceptIdleAsync(new() { HasUnreadBytes = true });
        await _node.Server.Connection(idle.Id).CloseAsync();
        await _node.SettleAsync();
        await StopAllAsync(end);

        idle.Transport.HasUnreadBytes = false;
        await _node.AdvanceAsync(Second);

        Assert.True(idle.Transport.CloseRequested.IsCompleted);
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task A_successor_is_told_what_all_others_are_told(object end)
    {
        var idle = await _node.AcceptIdleAsync();
        await _node.Server.BeginDrainAsync();
        await StopAllAsync(end);
        await _node.AdvanceAsync(Second);
        await StopAllAsync(end);
        await _node.AdvanceAsync(Second);

        Assert.True(idle.Transport.CloseRequested.IsCompleted);
        await _node.ObeyAsync(idle);
        var report = await _node.Server.WhenDrained.SoonAsync();
        Assert.Equal((1, 1, 0), (report.Initial, report.Closed, report.Aborted));
    }

    [Fact]
    public async Task Every_successor_has_a_successor()
    {
        var (connection, request) = await _node.AcceptBusyAsync();
        for (var i = 0; i < 20; i++)
        {
            await StopAllAsync(PoisonPill.Instance);
        }

        connection.End(request);
        await _node.AssertWentAsync(connection, ConnectionState.New, ConnectionState.Active, ConnectionState.Idle);
        Assert.Single(((ActorRefWithCell)await _node.SupervisorAsync()).Children);
    }

    [Fact]
    public async Task A_connection_whose_actor_cannot_be_made_is_refused_and_no_other()
    {
        var first = await _node.AcceptIdleAsync();
        var second = _node.Accept();
        second.Start();
        await second.Transport.Aborted.SoonAsync();
        second.Cell.Closed();
        var (third, request) = await _node.AcceptBusyAsync();
        await _node.SettleAsync();

        var status = await _node.Server.StatusAsync();
        Assert.Equal(new ConnectionCounts(0, Active: 1, Idle: 1, 0), status.Connections);
        Assert.Equal(new(Accepted: 3, Closed: 1, Aborted: 1, Requests: 1), status.Totals);
        var end = await _node.SnapshotAsync(second);
        Assert.Equal((ConnectionState.Closed, EndReason.Failed), (end.State, end.EndReason));
        var drained = _node.Server.DrainAsync();
        await _node.AdvanceAsync(Second);
        third.End(request, keepAlive: false);
        third.Cell.Closed();
        await _node.AdvanceAsync(Second);
        await _node.ObeyAsync(first);
        Assert.Equal(2, (await drained.SoonAsync()).Initial);
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("")]
    [InlineData("ä%")]
    public async Task A_connection_whose_identity_is_no_name_for_an_actor_is_served(string connectionId)
    {
        FakeTransport transport = new();
        VirtualConnection connection = new(_node.Accept(connectionId, transport), transport);
        connection.End(connection.Start());

        await _node.AssertWentAsync(connection, ConnectionState.New, ConnectionState.Active, ConnectionState.Idle);
        Assert.False(connection.IsToldToEnd());
        await _node.Server.Connection(connection.Id).CloseAsync();
        await transport.CloseRequested.SoonAsync();
    }

    public static TheoryData<object> Ends() => [PoisonPill.Instance, Kill.Instance];

    private async Task StopAllAsync(object end)
    {
        await _node.SettleAsync();
        _node.System.ActorSelection($"/user/{ActorServerNode.ActorName}/*").Tell(end);
        await _node.SettleAsync();
    }
}
