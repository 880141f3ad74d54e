using System.Text.Json;
using ActorServer.Actors;
using ActorServer.Cli.Tests.Support;
using ActorServer.Core;

namespace ActorServer.Cli.Tests.Verbs;

/// <summary><c>drain</c>, <c>leave</c> and <c>watch</c>.</summary>
public sealed class DrainSpecs : IAsyncDisposable
{
    private readonly TestNode _node = new();

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task A_drain_is_begun_and_not_waited_for()
    {
        await _node.AcceptBusyAsync();

        var run = await _node.RunAsync(ExitCode.Done, "drain", "--reason", "release 7", "--budget", "infinite");

        Assert.StartsWith("web-1 drains, 1 connection.", run.Out, StringComparison.Ordinal);
        var drain = (await _node.Server.StatusAsync()).Drain!;
        Assert.Equal((DrainTrigger.Message, "release 7", null), (drain.Trigger, drain.Reason, drain.Deadline));
        Assert.Null(drain.EndedAt);
    }

    [Fact]
    public async Task A_drain_that_is_waited_for_tells_phases_and_its_end()
    {
        var (connection, request) = await _node.AcceptBusyAsync();
        var run = _node.Start("drain", "--wait");
        await run.SaysAsync("web-1: Draining, 1 of 1 connection left");

        connection.End(request);

        await run.EndAsync(ExitCode.Done);
        Assert.Matches("web-1 is drained after .*: 1 connection at its start, 0 closed, 1 completed, 0 aborted, 0 stragglers.", run.Out);
    }

    [Fact]
    public async Task The_JSON_of_a_drain_that_is_waited_for_is_that_of_its_end()
    {
        var drain = (await _node.RunAsync(ExitCode.Done, "drain", "--wait", "--json")).Json;

        Assert.Equal("Drained", drain.GetProperty("phase").GetString());
        Assert.Equal("Message", drain.GetProperty("trigger").GetString());
        Assert.Equal(0, drain.GetProperty("blockers").GetArrayLength());
    }

    [Fact]
    public async Task A_drain_that_had_to_abort_says_whom_and_exits_with_1()
    {
        var (connection, _) = await _node.AcceptBusyAsync("/for-ever");

        var run = await _node.RunAsync(ExitCode.Aborted, "drain", "--wait", "--budget", "100ms");

        Assert.Contains("1 aborted", run.Out, StringComparison.Ordinal);
        Assert.Contains(connection.Id, run.Out, StringComparison.Ordinal);
        Assert.Contains("GET /for-ever", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_drain_that_is_called_off_is_not_done()
    {
        await _node.AcceptBusyAsync();
        var run = _node.Start("drain", "--wait", "--budget", "infinite");
        await run.SaysAsync("Draining");

        await _node.RunAsync(ExitCode.Done, "resume");

        await run.EndAsync(ExitCode.Refused);
        Assert.Contains("The drain of web-1 was called off", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_interrupts_the_wait_does_not_interrupt_the_drain()
    {
        await _node.AcceptBusyAsync();
        var run = _node.Start("drain", "--wait", "--budget", "infinite");
        await run.SaysAsync("Draining");

        await run.InterruptAsync();

        await run.EndAsync(ExitCode.Interrupted);
        Assert.Contains("goes on", run.Error, StringComparison.Ordinal);
        Assert.Equal(NodePhase.Draining, (await _node.Server.StatusAsync()).Phase);
    }

    [Fact]
    public async Task A_second_drain_joins_the_first_and_extends_it_if_asked()
    {
        await _node.AcceptBusyAsync();
        var first = (await _node.RunAsync(ExitCode.Done, "drain", "--json", "--budget", "1m")).Json;

        var joined = (await _node.RunAsync(ExitCode.Done, "drain", "--json", "--budget", "1h", "--extend")).Json;

        Assert.Equal(first.GetProperty("id").GetString(), joined.GetProperty("id").GetString());
        Assert.True(joined.GetProperty("deadline").GetDateTimeOffset() > first.GetProperty("deadline").GetDateTimeOffset());
    }

    [Fact]
    public async Task A_watch_of_a_drain_that_runs_is_a_line_of_JSON_for_each_word()
    {
        var (connection, request) = await _node.AcceptBusyAsync();
        await _node.Server.BeginDrainAsync(new(DrainTrigger.Code, Budget: Duration.Infinite));
        var run = _node.Start("watch", "--json");
        await run.SaysAsync("\"remaining\":1");

        connection.End(request);

        await run.EndAsync(ExitCode.Done);
        var phases = run.Out.TrimEnd().Split('\n').Select(line => JsonElement.Parse(line).GetProperty("phase").GetString());
        Assert.Equal(["Draining", "Drained"], phases.Distinct());
    }

    [Fact]
    public async Task A_watch_waits_for_a_drain_and_ends_with_it()
    {
        var run = _node.Start("watch");
        await run.SaysAsync("web-1 does not drain; waiting for it to begin.");

        await _node.Server.DrainAsync();

        await run.EndAsync(ExitCode.Done);
        Assert.Contains("web-1 is drained after", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_in_no_cluster_cannot_leave_one()
    {
        var run = await _node.RunAsync(ExitCode.Refused, "leave", "--wait");

        Assert.Contains("web-1: This node is in no cluster", run.Error, StringComparison.Ordinal);
        Assert.Equal(NodePhase.Serving, (await _node.Server.StatusAsync()).Phase);
    }

    [Fact]
    public async Task A_node_that_leaves_drains_first()
    {
        FakeCluster cluster = new();
        _node.Enter(cluster);
        var (connection, request) = await _node.AcceptBusyAsync();
        var run = _node.Start("leave", "--wait", "--reason", "scale in");
        await run.SaysAsync("Draining");
        Assert.False(cluster.Left.IsCompleted);

        connection.End(request);

        await run.EndAsync(ExitCode.Done);
        Assert.Equal("scale in", await cluster.Left.WaitAsync(Run.WaitMax));
    }

    [Fact]
    public async Task Another_node_is_drained_through_this_one()
    {
        await using TestNode other = new("web-2");
        _node.Enter(new FakeCluster(other.Address));

        var run = await _node.RunAsync(ExitCode.Done, "--on", "web-2", "drain", "--wait");

        Assert.Contains("web-2 is drained after", run.Out, StringComparison.Ordinal);
        Assert.Equal(NodePhase.Drained, (await other.Server.StatusAsync()).Phase);
        Assert.Equal(NodePhase.Serving, (await _node.Server.StatusAsync()).Phase);
    }

    [Fact]
    public async Task What_the_application_refuses_is_told_with_its_reason()
    {
        await using TestNode node = new("web-3", [new Veto()]);

        var run = await node.RunAsync(ExitCode.Refused, "drain", "--wait");

        Assert.Contains("web-3: ", run.Error, StringComparison.Ordinal);
        Assert.Contains("a migration runs", run.Error, StringComparison.Ordinal);
    }

    private sealed class Veto : IDrainHook
    {
        public Task<string?> OnDrainRequestedAsync(DrainRequest request, CancellationToken cancellationToken)
            => Task.FromResult<string?>("a migration runs");
    }
}
