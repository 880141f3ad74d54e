using ActorServer.Cli.Tests.Support;
using ActorServer.Core;

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
