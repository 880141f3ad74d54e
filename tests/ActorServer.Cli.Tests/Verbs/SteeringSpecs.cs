using ActorServer.Cli.Tests.Support;
using ActorServer.Core;
using Akka.Actor;

namespace ActorServer.Cli.Tests.Verbs;

/// <summary>Verbs that change something, but for drains.</summary>
public sealed class SteeringSpecs : IAsyncDisposable
{
    private readonly TestNode _node = new();

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task Close_waits_for_the_answer_in_flight()
    {
        var (connection, request) = await _node.AcceptBusyAsync();

        var run = await _node.RunAsync(ExitCode.Done, "close", connection.Id, "--reason", "a look");

        Assert.Equal($"web-1 closes {connection.Id}.\n", run.Out);
        Assert.False(connection.Transport.CloseRequested.IsCompleted);
        connection.End(request);
        await connection.Transport.CloseRequested.WaitAsync(Run.WaitMax);
    }

    [Fact]
    public async Task Abort_cuts_at_once_and_what_is_gone_is_gone()
    {
        var (connection, _) = await _node.AcceptBusyAsync();

        Assert.Equal($"web-1 cuts {connection.Id}.\n", (await _node.RunAsync(ExitCode.Done, "abort", connection.Id)).Out);
        await _node.ReachAsync(connection, ConnectionState.Closed);

        Assert.True(connection.Transport.Aborted.IsCompleted);
        var again = await _node.RunAsync(ExitCode.Refused, "abort", connection.Id);
        Assert.Contains($"Connection {connection.Id} has ended already: Aborted.", again.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task To_close_what_never_was_is_refused()
        => Assert.Contains(
            "There is no connection web-1-404", (await _node.RunAsync(ExitCode.Refused, "close", "web-1-404")).Error, StringComparison.Ordinal);

    [Fact]
    public async Task Down_gives_up_a_member_that_is_missing_and_no_other()
    {
        Address missing = new("akka.tcp", "ActorServer", "192.0.2.7", 4053);
        Address present = new("akka.tcp", "ActorServer", "192.0.2.8", 4053);
        FakeCluster cluster = new(present) { Missing = missing };
        _node.Enter(cluster);

        var wrong = await _node.RunAsync(ExitCode.Refused, "down", "192.0.2.9:4053");
        Assert.Contains($"is at 192.0.2.9:4053; missing: {missing}.", wrong.Error, StringComparison.Ordinal);
        var alive = await _node.RunAsync(ExitCode.Refused, "down", $"{present}");
        Assert.Contains($"{present} is not missing", alive.Error, StringComparison.Ordinal);
        Assert.Equal(missing, cluster.Missing);

        Assert.Equal($"web-1 has given up {missing}.\n", (await _node.RunAsync(ExitCode.Done, "down", "192.0.2.7")).Out);
        Assert.Null(cluster.Missing);
    }

    [Fact]
    public async Task Suspend_closes_the_ports_and_resume_opens_them()
    {
        var suspended = (await _node.RunAsync(ExitCode.Done, "suspend", "--json", "--reason", "a look")).Json;
        Assert.False(suspended.GetProperty("accepting").GetBoolean());
        Assert.Contains("Serving, suspended", (await _node.RunAsync(ExitCode.Done, "status")).Out, StringComparison.Ordinal);

        Assert.Contains("yes, yes", (await _node.RunAsync(ExitCode.Done, "resume")).Out, StringComparison.Ordinal);
        Assert.True((await _node.Server.StatusAsync()).Accepting);
    }

    [Fact]
    public async Task What_is_binding_is_not_resumed()
    {
        await _node.Server.BeginDrainAsync(new(DrainTrigger.Signal));

        var run = await _node.RunAsync(ExitCode.Refused, "resume");

        Assert.StartsWith("actorctl: web-1: ", run.Error, StringComparison.Ordinal);
    }
}
