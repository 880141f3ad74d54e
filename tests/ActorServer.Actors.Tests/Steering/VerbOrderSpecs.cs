using ActorServer.Core;
using ActorServer.TestKit;

namespace ActorServer.Actors.Tests.Steering;

/// <summary>Verbs that come while one waits, for a hook or for the ports, are done after it, in order, and none is lost.</summary>
public sealed class VerbOrderSpecs
{
    private static readonly TimeSpan LameDuck = TimeSpan.FromSeconds(5);

    [Fact]
    [Trait("Conformance", "72")]
    public async Task While_hooks_decide()
    {
        Journal journal = new();
        TaskCompletionSource<string?> deciding = new();
        await using var node = VirtualNode.Start(
            new() { LameDuck = LameDuck }, hooks: [new ScriptedHook(journal) { Requested = (_, _) => deciding.Task }]);
        var first = node.Server.BeginDrainAsync(new(DrainTrigger.Api, Reason: "first"));
        await journal.ReachAsync("hook: requested by Api");
        var joined = node.Server.BeginDrainAsync(new(DrainTrigger.Api, Reason: "joined"));
        var resumed = node.Server.ResumeAsync();
        var suspended = node.Server.SuspendAsync();
        var last = node.Server.BeginDrainAsync(new(DrainTrigger.Message, Reason: "last"));

        // Everybody else is answered meanwhile.
        var connection = await node.IdleAsync();
        Assert.Equal(NodePhase.Serving, (await node.Server.StatusAsync()).Phase);
        Assert.Single((await node.Server.ConnectionsAsync()).Items);
        Assert.DoesNotContain(new Task[] { first, joined, resumed, suspended, last }, static t => t.IsCompleted);
        deciding.SetResult(null);

        Assert.Equal(("1", "first"), ((await first.SoonAsync()).Id, (await first).Reason));
        Assert.Equal(("1", "first"), ((await joined.SoonAsync()).Id, (await joined).Reason));
        Assert.Equal(NodePhase.Serving, (await resumed.SoonAsync()).Phase);
        Assert.Equal(DrainPhase.Cancelled, (await resumed).Drain!.Phase);
        Assert.Equal((NodePhase.Serving, false), ((await suspended.SoonAsync()).Phase, (await suspended).Accepting));
        Assert.Equal(("2", "last", 1), ((await last.SoonAsync()).Id, (await last).Reason, (await last).Initial));
        // A drain that joins another is nobody's to decide.
        Assert.Equal(["hook: requested by Api", "hook: requested by Message"], journal.Entries);
        await node.SettleAsync();
        Assert.Equal(1, connection.Transport.Withdrawals);
    }

    [Fact]
    [Trait("Conformance", "76")]
    public async Task After_a_veto_too()
    {
        Journal journal = new();
        TaskCompletionSource<string?> deciding = new();
        await using var node = VirtualNode.Start(
            new() { LameDuck = LameDuck },
            hooks:
            [
                new ScriptedHook(journal)
                {
                    Requested = (request, _) => request.Reason == "first" ? deciding.Task : Task.FromResult<string?>(null),
                },
            ]);
        var first = node.Server.BeginDrainAsync(new(DrainTrigger.Api, Reason: "first"));
        await journal.ReachAsync("hook: requested by Api");
        var second = node.Server.BeginDrainAsync(new(DrainTrigger.Message, Reason: "second"));
        deciding.SetResult("not now");

        Assert.Equal("not now", (await Assert.ThrowsAsync<DrainRefusedException>(() => first.SoonAsync())).Message);
        Assert.Equal(("1", "second"), ((await second.SoonAsync()).Id, (await second).Reason));
    }

    [Fact]
    public async Task While_the_ports_open()
    {
        FakeListenerGate gate = new(closesAtOnce: false);
        await using var node = VirtualNode.Start(new() { LameDuck = Duration.Zero }, gate);
        await node.IdleAsync();
        await node.Server.BeginDrainAsync(new(DrainTrigger.Api));
        await node.AdvanceAsync(TimeSpan.Zero);
        var resumed = node.Server.ResumeAsync();
        var suspended = node.Server.SuspendAsync();
        var again = node.Server.ResumeAsync();
        var drained = node.Server.BeginDrainAsync(new(DrainTrigger.Signal));
        var refused = node.Server.ResumeAsync();

        Assert.Equal(NodePhase.Draining, (await node.Server.StatusAsync()).Phase);
        Assert.DoesNotContain(new Task[] { resumed, suspended, again, drained, refused }, static t => t.IsCompleted);
        gate.Close();

        Assert.True((await resumed.SoonAsync()).Ready);
        Assert.Equal((NodePhase.Serving, false), ((await suspended.SoonAsync()).Phase, (await suspended).Accepting));
        Assert.False(again.IsCompleted);
        gate.Close();
        Assert.True((await again.SoonAsync()).Ready);
        Assert.Equal("2", (await drained.SoonAsync()).Id);
        await Assert.ThrowsAsync<DrainRefusedException>(() => refused.SoonAsync());
    }

    [Fact]
    [Trait("Conformance", "71")]
    public async Task However_many_there_are()
    {
        Journal journal = new();
        TaskCompletionSource<string?> deciding = new();
        await using var node = VirtualNode.Start(
            new() { LameDuck = LameDuck }, hooks: [new ScriptedHook(journal) { Requested = (_, _) => deciding.Task }]);
        List<Task<DrainReport>> drains = [node.Server.BeginDrainAsync(new(DrainTrigger.Api))];
        await journal.ReachAsync("hook: requested by Api");
        List<Task<NodeStatus>> resumes = [];
        for (var i = 0; i < 100; i++)
        {
            resumes.Add(node.Server.ResumeAsync());
            drains.Add(node.Server.BeginDrainAsync(new(DrainTrigger.Api)));
        }

        deciding.SetResult(null);

        var reports = await Task.WhenAll(drains).SoonAsync();
        Assert.Equal(Enumerable.Range(1, 101).Select(static n => $"{n}"), reports.Select(static r => r.Id));
        Assert.All(await Task.WhenAll(resumes).SoonAsync(), static s => Assert.Equal(NodePhase.Serving, s.Phase));
        Assert.Equal(NodePhase.LameDuck, (await node.Server.StatusAsync()).Phase);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Also_when_the_supervisor_crashes_meanwhile(bool twice)
    {
        Journal journal = new();
        TaskCompletionSource<string?> deciding = new();
        await using var node = VirtualNode.Start(
            new() { LameDuck = LameDuck }, hooks: [new ScriptedHook(journal) { Requested = (_, _) => deciding.Task }]);
        var first = node.Server.BeginDrainAsync(new(DrainTrigger.Api, Reason: "first"));
        await journal.ReachAsync("hook: requested by Api");
        var resumed = node.Server.ResumeAsync();
        var last = node.Server.BeginDrainAsync(new(DrainTrigger.Message, Reason: "last"));

        await node.CrashSupervisorAsync();
        if (twice)
        {
            await node.CrashSupervisorAsync();
        }

        Assert.DoesNotContain(new Task[] { first, resumed, last }, static t => t.IsCompleted);
        deciding.SetResult(null);

        Assert.Equal(("1", "first"), ((await first.SoonAsync()).Id, (await first).Reason));
        Assert.Equal(NodePhase.Serving, (await resumed.SoonAsync()).Phase);
        Assert.Equal(DrainPhase.Cancelled, (await resumed).Drain!.Phase);
        Assert.Equal(("2", "last"), ((await last.SoonAsync()).Id, (await last).Reason));
    }
}
