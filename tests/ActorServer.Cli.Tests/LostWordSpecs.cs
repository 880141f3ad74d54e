using ActorServer.Cli.Tests.Support;
using ActorServer.Core;
using ActorServer.Core.Wire;
using static ActorServer.Cli.Tests.Support.ScriptedNode;

namespace ActorServer.Cli.Tests;

/// <summary>A wait for a drain ends, whatever of its words is lost on its way.</summary>
public sealed class LostWordSpecs
{
    [Theory]
    [InlineData(DrainPhase.Drained, ExitCode.Done, "web-1 is drained after")]
    [InlineData(DrainPhase.Cancelled, ExitCode.Refused, "The drain of web-1 was called off after")]
    public async Task A_last_word_that_is_lost_is_asked_for(DrainPhase end, int exitCode, string sentence)
    {
        foreach (var args in (string[][])[["drain", "--wait"], ["leave", "--wait"], ["watch"]])
        {
            await using ScriptedNode node = new(request => request switch
            {
                SubscribeToDrain => [new Subscribed(Name, Drain())],
                Core.Wire.Drain or Leave => [new DrainAccepted(Name, Drain())],
                GetStatus => [Status(Ended(end))],
                _ => [],
            });

            var run = node.Start(args);

            await run.EndAsync(exitCode);
            Assert.Contains(sentence, run.Out, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_node_that_was_started_anew_meanwhile_is_not_waited_for()
    {
        await using ScriptedNode node = new(Answers(null));
        var run = node.Start("drain", "--wait");

        await run.EndAsync(ExitCode.Refused);
        Assert.Contains("How the drain of web-1 ended is not known: it knows of no drain", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_drain_of_the_same_number_is_another()
    {
        // Numbers begin with 1 where a node does.
        await using ScriptedNode node = new(Answers(Drain(minute: 5)));
        var run = node.Start("drain", "--wait");

        await run.EndAsync(ExitCode.Refused);
        Assert.Contains("How the drain of web-1 ended is not known: another has begun since.", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_late_word_of_an_earlier_drain_ends_nothing()
    {
        var asked = 0;
        await using ScriptedNode node = new(request => request switch
        {
            SubscribeToDrain => [new Subscribed(Name, null), new DrainCompleted(Name, Ended(DrainPhase.Cancelled, minute: -5))],
            Core.Wire.Drain => [new DrainAccepted(Name, Drain())],
            GetStatus when ++asked == 1 => [Status(Drain())],
            GetStatus => [Status(Ended(DrainPhase.Drained))],
            _ => [],
        });
        var run = node.Start("drain", "--wait");

        await run.EndAsync(ExitCode.Done);
        Assert.Contains("web-1 is drained after", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_falls_silent_while_it_drains_is_said_to_be()
    {
        await using ScriptedNode node = new(request => request switch
        {
            SubscribeToDrain => [new Subscribed(Name, null)],
            Core.Wire.Drain => [new DrainAccepted(Name, Drain())],
            _ => [],
        });
        var run = node.Start("drain", "--wait", "--timeout", "500ms");

        await run.EndAsync(ExitCode.Refused);
        Assert.Contains("does not answer as", run.Error, StringComparison.Ordinal);
    }

    private static Func<IWireRequest, IEnumerable<IWireAnswer>> Answers(DrainReport? later) => request => request switch
    {
        SubscribeToDrain => [new Subscribed(Name, null)],
        Core.Wire.Drain => [new DrainAccepted(Name, Drain())],
        GetStatus => [Status(later)],
        _ => [],
    };
}
