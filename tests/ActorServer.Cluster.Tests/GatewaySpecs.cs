using ActorServer.Actors;
using ActorServer.Cluster.Tests.Support;
using ActorServer.Core;
using ActorServer.Core.Wire;
using Akka.Actor;
using Wire = ActorServer.Core.Wire;

namespace ActorServer.Cluster.Tests;

/// <summary>The verbs, from one actor system to another, by TCP.</summary>
public sealed class GatewaySpecs : IAsyncLifetime
{
    private readonly TestNode _node = TestNode.Start("web-1", hooks: [new Veto()]);
    private readonly Ops _ops = Ops.Start();

    public async Task InitializeAsync() => await _node.SeesAsync(1);

    public async Task DisposeAsync()
    {
        await _ops.DisposeAsync();
        await _node.DisposeAsync();
    }

    [Fact]
    public async Task A_node_says_its_name()
        => Assert.Equal("web-1", (await _ops.AskAsync<Here>(_node, new Hello())).Node);

    [Fact]
    public async Task A_node_tells_its_status()
    {
        await _node.AcceptAsync();

        var answer = await _ops.AskAsync<StatusAnswer>(_node, new Wire.GetStatus());

        Assert.Equal(("web-1", NodePhase.Serving, 1), (answer.Status.Node, answer.Status.Phase, answer.Status.Connections.Total));
    }

    [Fact]
    public async Task A_drain_is_accepted_and_its_end_is_told()
    {
        var connection = await _node.AcceptAsync();
        _ops.Tell(_node, new Drain(Reason: "release 7", By: "ann"));

        var accepted = await _ops.HearAsync<DrainAccepted>();
        Assert.Equal((DrainTrigger.Message, "release 7", 1), (accepted.Drain.Trigger, accepted.Drain.Reason, accepted.Drain.Initial));
        await connection.Transport.CloseRequested.WaitAsync(TestNode.WaitMax);
        connection.Cell.Closed();

        Assert.Equal(DrainPhase.Drained, (await _ops.HearAsync<DrainCompleted>()).Drain.Phase);
    }

    [Fact]
    public async Task A_drain_that_the_application_refuses_is_refused_with_its_reason()
    {
        var refused = await _ops.AskAsync<Refused>(_node, new Drain(Reason: Veto.Word));

        Assert.Equal((RefusalCode.Conflict, "not now"), (refused.Code, refused.Message));
    }

    [Fact]
    public async Task A_subscriber_hears_progress_and_the_end_once()
    {
        await _ops.AskAsync<Subscribed>(_node, new SubscribeToDrain());
        var connection = await _node.AcceptAsync();
        var request = connection.Start("/slow");
        await _node.Transitions.ReachAsync(connection.Id, ConnectionState.Active);
        _ops.Tell(_node, new Drain());

        var first = await _ops.HearUntilAsync<DrainProgress>();
        var second = await _ops.HearUntilAsync<DrainProgress>();
        Assert.Equal(1, second.Drain.Remaining);
        Assert.Equal((first.Drain.Id, "/slow"), (second.Drain.Id, Assert.Single(second.Drain.Blockers).Path));
        connection.End(request, keepAlive: false);
        connection.Cell.Closed();

        Assert.Equal(1, (await _ops.HearUntilAsync<DrainCompleted>()).Drain.Completed);
        await _ops.AskAsync<Unsubscribed>(_node, new UnsubscribeFromDrain());
    }

    [Fact]
    public async Task Whoever_subscribes_while_a_drain_runs_hears_of_it()
    {
        await _node.AcceptAsync();
        await _node.Node.BeginDrainAsync(new(DrainTrigger.Code, Duration.Infinite, Spread: Duration.Infinite));

        Assert.Equal(DrainTrigger.Code, (await _ops.AskAsync<Subscribed>(_node, new SubscribeToDrain())).Drain!.Trigger);
        await _ops.HearAsync<DrainProgress>();
        await _node.Node.ResumeAsync();

        Assert.Equal(DrainPhase.Cancelled, (await _ops.HearUntilAsync<DrainCompleted>()).Drain.Phase);
    }

    [Fact]
    public async Task A_subscriber_that_ends_is_forgotten()
    {
        using var undelivered = Inbox.Create(_ops.System);
        _ops.System.EventStream.Subscribe(undelivered.Receiver, typeof(Akka.Event.DeadLetter));
        using (var subscriber = Inbox.Create(_ops.System))
        {
            _ops.Gateway(_node).Tell(new SubscribeToDrain(), subscriber.Receiver);
            Assert.IsType<Subscribed>(await subscriber.ReceiveAsync(TestNode.WaitMax));
        }

        // Its end is told by another way than messages are: it may come to hear, too late, of a drain or two.
        using var patience = new CancellationTokenSource(TestNode.WaitMax);
        do
        {
            patience.Token.ThrowIfCancellationRequested();
            _ops.Tell(_node, new Drain());
            await _ops.HearUntilAsync<DrainCompleted>();
            await _ops.AskAsync<StatusAnswer>(_node, new Wire.Resume());
            await _ops.AskAsync<Here>(_node, new Hello());
        }
        while (WasTold(undelivered));
    }

    [Fact]
    public async Task Suspend_and_resume_answer_with_the_status()
    {
        Assert.False((await _ops.AskAsync<StatusAnswer>(_node, new Wire.Suspend(Reason: "a look"))).Status.Ready);
        Assert.True((await _ops.AskAsync<StatusAnswer>(_node, new Wire.Resume())).Status.Ready);
    }

    [Fact]
    public async Task Connections_are_listed_page_by_page()
    {
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            ids.Add((await _node.AcceptAsync()).Id);
        }

        var first = await _ops.AskAsync<ConnectionsAnswer>(_node, new Wire.ListConnections(Limit: 2));
        var second = await _ops.AskAsync<ConnectionsAnswer>(_node, new Wire.ListConnections(Limit: 2, Cursor: first.Next));

        Assert.Equal(ids, first.Items.Concat(second.Items).Select(c => c.Id));
        Assert.Null(second.Next);
    }

    [Fact]
    public async Task A_page_that_is_too_long_to_be_sent_is_shorter()
    {
        for (var i = 0; i < 400; i++)
        {
            (await _node.AcceptAsync()).Start(new string('p', 4000));
        }

        var count = 0;
        string? cursor = null;
        do
        {
            var page = await _ops.AskAsync<ConnectionsAnswer>(_node, new Wire.ListConnections(Limit: 1000, Cursor: cursor));
            Assert.InRange(page.Items.Count, 1, 399);
            (count, cursor) = (count + page.Items.Count, page.Next);
        }
        while (cursor is not null);

        Assert.Equal(400, count);
    }

    [Fact]
    public async Task One_connection_is_told_closed_and_gone()
    {
        var connection = await _node.AcceptAsync();
        Assert.Equal(
            ConnectionState.New, (await _ops.AskAsync<ConnectionAnswer>(_node, new Wire.GetConnection(connection.Id))).Connection.State);

        Assert.True((await _ops.AskAsync<CloseAccepted>(_node, new CloseConnection(connection.Id, Abort: true))).Abort);
        await connection.Transport.Aborted.WaitAsync(TestNode.WaitMax);
        connection.Cell.Closed();
        await _node.Transitions.ReachAsync(connection.Id, ConnectionState.Closed);

        Assert.Equal(EndReason.Aborted, (await _ops.AskAsync<ConnectionAnswer>(_node, new Wire.GetConnection(connection.Id))).Connection.EndReason);
        Assert.Equal(EndReason.Aborted, (await _ops.AskAsync<Gone>(_node, new CloseConnection(connection.Id))).EndReason);
        Assert.Null((await _ops.AskAsync<Gone>(_node, new Wire.GetConnection("web-1-none"))).EndReason);
    }

    [Fact]
    public async Task What_is_not_allowed_is_refused_in_a_sentence()
    {
        foreach (var request in (IWireRequest[])[
            new Wire.ListConnections(Limit: 0), new Wire.ListConnections(State: (ConnectionState)9), new Wire.ListConnections(Cursor: "x"),
            new Drain(LameDuck: TimeSpan.FromHours(2)), new Drain(Reason: "two\nlines"), new Drain(By: new string('x', 201))])
        {
            var refused = await _ops.AskAsync<Refused>(_node, request);

            Assert.Equal(RefusalCode.Invalid, refused.Code);
            Assert.EndsWith(".", refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal(NodePhase.Serving, (await _node.Node.StatusAsync()).Phase);
    }

    [Fact]
    public async Task A_node_that_is_not_known_is_refused_and_those_that_are_are_named()
    {
        var refused = await _ops.AskAsync<Refused>(_node, new Drain(Node: "web-9"));

        Assert.Equal(RefusalCode.UnknownNode, refused.Code);
        Assert.Contains("web-1", refused.Message, StringComparison.Ordinal);
    }

    private static bool WasTold(Inbox undelivered)
    {
        undelivered.Receiver.Tell(nameof(WasTold));
        for (var told = false; ; told = true)
        {
            if (undelivered.Receive(TestNode.WaitMax) is nameof(WasTold))
            {
                return told;
            }
        }
    }

    private sealed class Veto : IDrainHook
    {
        public const string Word = "veto";

        public Task<string?> OnDrainRequestedAsync(DrainRequest request, CancellationToken cancellationToken)
            => Task.FromResult(request.Reason == Word ? "not now" : null);
    }
}
