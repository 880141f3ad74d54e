using ActorServer.Cli.Tests.Support;
using ActorServer.Core;

namespace ActorServer.Cli.Tests;

/// <summary>What a person sees of a drain that is waited for.</summary>
public sealed class TerminalSpecs : IAsyncDisposable
{
    // Longer than the terminal is wide.
    private static readonly string LongPath = "/" + new string('a', 200);

    private readonly TestNode _node = new();
    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Theory]
    [InlineData("drain", "--wait")]
    [InlineData("watch")]
    public async Task A_picture_moves_in_its_place_and_is_gone_at_the_end(params string[] verb)
    {
        List<Action> ends = [];
        for (var busy = 0; busy < 20; busy++)
        {
            var (connection, request) = await _node.AcceptBusyAsync(LongPath);
            ends.Add(() => connection.End(request));
        }

        await _node.Server.BeginDrainAsync(new(DrainTrigger.Code, Budget: Duration.Infinite));
        using var run = TerminalRun.Start(["--node", _node.At, .. verb]);
        await run.SaysAsync("20 of 20");
        await RedrawnAsync(run);
        Assert.Contains(run.Terminal.Screen, line => line.Contains("and 12 more", StringComparison.Ordinal));
        Assert.True(run.Terminal.Screen.Count < 20, string.Join("\n", run.Terminal.Screen));

        ends.ForEach(end => end());

        Assert.Equal(ExitCode.Done, await run.ExitAsync());
        Assert.Equal(0, run.Terminal.Wraps);
        Assert.False(run.Terminal.IsCursorHidden);
        Assert.StartsWith("web-1 is drained after ", run.Terminal.Screen[0], StringComparison.Ordinal);
        Assert.EndsWith("0 stragglers.", string.Concat(run.Terminal.Screen), StringComparison.Ordinal);
        Assert.DoesNotContain(run.Terminal.Screen, line => line.Contains('━', StringComparison.Ordinal) || line.Contains("aaa", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Ctrl_C_leaves_the_terminal_as_it_was()
    {
        await _node.AcceptBusyAsync(LongPath);
        using var run = TerminalRun.Start("--node", _node.At, "drain", "--wait", "--budget", "infinite");
        await run.SaysAsync("1 of 1");
        await RedrawnAsync(run);

        run.Interrupt();

        Assert.Equal(ExitCode.Interrupted, await run.ExitAsync());
        Assert.False(run.Terminal.IsCursorHidden);
        Assert.Contains(run.Terminal.Screen, line => line.Contains("actorctl: Interrupted; what the node was told", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("NO_COLOR=1")]
    [InlineData("TERM=dumb")]
    public async Task Who_wants_none_of_it_gets_lines(string environment)
    {
        var (connection, request) = await _node.AcceptBusyAsync(LongPath);
        using var run = TerminalRun.StartWith(environment, "--node", _node.At, "drain", "--wait", "--budget", "infinite");
        await run.SaysAsync("web-1: Draining, 1 of 1 connection left, no deadline.");

        connection.End(request);

        Assert.Equal(ExitCode.Done, await run.ExitAsync());
        Assert.DoesNotContain("\e[3", run.Raw, StringComparison.Ordinal);
        Assert.Equal(0, run.Terminal.Redraws);
    }

    // A second picture has been drawn over the first.
    private static async Task RedrawnAsync(TerminalRun run)
    {
        await run.SaysAsync("A\e[1m");
        Assert.True(run.Terminal.Redraws > 0);
        Assert.True(run.Terminal.IsCursorHidden);
        Assert.Single(run.Terminal.Screen, line => line.Contains("Draining", StringComparison.Ordinal));
    }
}
