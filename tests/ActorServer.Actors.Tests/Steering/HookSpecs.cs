using ActorServer.Core;
using ActorServer.TestKit;

namespace ActorServer.Actors.Tests.Steering;

/// <summary>The application takes part in a drain: in order, each call awaited, each at its moment.</summary>
[Trait("Conformance", "77")]
public sealed class HookSpecs
{
    private static readonly TimeSpan LameDuck = TimeSpan.FromSeconds(5);

    private readonly Journal _journal = new();

    [Fact]
    public async Task Each_is_called_in_the_order_of_registration_and_awaited_before_the_next()
    {
        TaskCompletionSource<string?> requested = new();
        TaskCompletionSource draining = new();
        TaskCompletionSource drained = new();
        ScriptedHook first = new(_journal, "first")
        {
            Requested = (_, _) => requested.Task,
            Draining = _ => draining.Task,
            Drained = (_, _) => drained.Task,
        };
        await using var node = Start(first, new ScriptedHook(_journal, "second"));

        var drain = node.Server.BeginDrainAsync();
        await _journal.ReachAsync("first: requested by Code");
        await node.SettleAsync();
        Assert.Equal(["first: requested by Code"], _journal.Entries);
        requested.SetResult(null);
        await drain.SoonAsync();
        Assert.Equal("second: requested by Code", _journal.Entries[^1]);

        await node.AdvanceAsync(LameDuck);
        await _journal.ReachAsync("first: draining");
        await node.SettleAsync();
        Assert.Equal(3, _journal.Entries.Count);
        draining.SetResult();
        await _journal.ReachAsync("second: draining");

        await _journal.ReachAsync("first: drained, Drained");
        await node.SettleAsync();
        Assert.Equal(5, _journal.Entries.Count);
        drained.SetResult();
        await node.Server.WhenDrained.SoonAsync();
        Assert.Equal("second: drained, Drained", _journal.Entries[^1]);
    }

    [Fact]
    [Trait("Conformance", "66")]
    public async Task OnDraining_is_told_how_long_there_is()
    {
        ScriptedHook hook = new(_journal);
        await using var node = Start(hook);
        var start = node.Time.GetUtcNow();

        var drain = await node.Server.BeginDrainAsync(new(DrainTrigger.Api, Budget: TimeSpan.FromMinutes(2), Reason: "release"));
        await node.AdvanceAsync(LameDuck);
        await _journal.ReachAsync("hook: draining");

        Assert.Equal((drain.Id, "release", start + TimeSpan.FromMinutes(2)), (hook.Told!.Id, hook.Told.Reason, hook.Told.Deadline!.Value));
    }

    [Fact]
    [Trait("Conformance", "21")]
    public async Task OnDraining_finds_the_ports_closed_and_the_quiet_connections_open()
    {
        FakeListenerGate gate = new(closesAtOnce: false);
        TaskCompletionSource draining = new();
        await using var node = VirtualNode.Start(
            new() { LameDuck = LameDuck, Spread = Duration.Zero, IdleGrace = Duration.Zero },
            gate, hooks: [new ScriptedHook(_journal) { Draining = _ => draining.Task }]);
        var idle = await node.IdleAsync();
        await node.DrainUntilAsync(NodePhase.Draining);
        await gate.Closing.SoonAsync();
        await node.SettleAsync();
        Assert.Equal(["hook: requested by Api"], _journal.Entries);

        gate.Close();
        await _journal.ReachAsync("hook: draining");
        await node.AdvanceAsync(TimeSpan.FromMilliseconds(1));
        Assert.False(idle.Transport.CloseRequested.IsCompleted);
        Assert.Equal((NodePhase.Draining, false), ((await node.Server.StatusAsync()).Phase, gate.Accepting));
        draining.SetResult();

        await idle.Transport.CloseRequested.SoonAsync();
    }

    [Fact]
    public async Task OnDraining_is_called_also_when_the_ports_do_not_close_cleanly()
    {
        FakeListenerGate gate = new(closesAtOnce: false);
        await using var node = VirtualNode.Start(
            new() { LameDuck = Duration.Zero }, gate, hooks: [new ScriptedHook(_journal)]);
        await node.DrainUntilAsync(NodePhase.Draining);
        await gate.Closing.SoonAsync();
        gate.FailToClose(new IOException("no"));

        Assert.Equal(DrainPhase.Drained, (await node.Server.WhenDrained.SoonAsync()).Phase);
        Assert.Equal(["hook: requested by Api", "hook: draining", "hook: drained, Drained"], _journal.Entries);
    }

    [Fact]
    public async Task OnDrained_is_heard_before_whoever_awaits_the_drain()
    {
        TaskCompletionSource drained = new();
        await using var node = Start(new ScriptedHook(_journal) { Drained = (_, _) => drained.Task });
        await node.Server.BeginDrainAsync();
        var drain = node.Server.DrainAsync();
        await node.AdvanceAsync(LameDuck);
        await _journal.ReachAsync("hook: drained, Drained");
        await node.SettleAsync();

        // The drain is over all the same, and says so.
        var status = await node.Server.StatusAsync();
        Assert.Equal((NodePhase.Drained, DrainPhase.Drained), (status.Phase, status.Drain!.Phase));
        Assert.False(drain.IsCompleted || node.Server.WhenDrained.IsCompleted);
        drained.SetResult();

        Assert.Equal(status.Drain.EndedAt, (await drain.SoonAsync()).EndedAt);
    }

    [Fact]
    public async Task OnDrained_is_given_the_report()
    {
        DrainReport? report = null;
        await using var node = Start(new ScriptedHook(_journal)
        {
            Drained = (r, _) =>
            {
                report = r;
                return Task.CompletedTask;
            },
        });
        await node.BusyAsync("/slow");
        await node.DrainUntilAsync(NodePhase.Drained);

        Assert.Equal(await node.Server.WhenDrained.SoonAsync(), report);
        Assert.Equal((1, "/slow"), (report!.Stragglers, report.Blockers[0].Path));
    }

    [Fact]
    public async Task A_resume_while_OnDrained_is_heard_mixes_no_two_drains()
    {
        TaskCompletionSource drained = new();
        await using var node = Start(new ScriptedHook(_journal)
        {
            Drained = (report, _) => report.Id == "1" ? drained.Task : Task.CompletedTask,
        });
        await node.Server.BeginDrainAsync();
        var first = node.Server.WhenDrained;
        await node.AdvanceAsync(LameDuck);
        await _journal.ReachAsync("hook: drained, Drained");

        await node.Server.ResumeAsync();
        await node.AssertServesAsync();
        var connection = await node.IdleAsync();
        await node.Server.BeginDrainAsync();
        var second = node.Server.WhenDrained;
        drained.SetResult();

        Assert.Equal(("1", DrainPhase.Drained), ((await first.SoonAsync()).Id, (await first).Phase));
        await node.AdvanceAsync(LameDuck);
        Assert.False(second.IsCompleted);
        connection.Cell.Closed();
        Assert.Equal("2", (await second.SoonAsync()).Id);
    }

    [Fact]
    public async Task A_drain_that_joins_and_a_suspension_are_none_of_their_business()
    {
        await using var node = Start(new ScriptedHook(_journal));
        await node.Server.SuspendAsync();
        await node.Server.ResumeAsync();
        await node.BusyAsync();
        await node.DrainUntilAsync(NodePhase.Draining);
        await node.Server.BeginDrainAsync(new(DrainTrigger.Signal));
        await _journal.ReachAsync("hook: draining");

        await node.DrainUntilAsync(NodePhase.Drained, DrainTrigger.Host);

        await node.Server.WhenDrained.SoonAsync();
        Assert.Equal(["hook: requested by Api", "hook: draining", "hook: drained, Drained"], _journal.Entries);
    }

    [Fact]
    public async Task A_drain_that_is_called_off_has_no_end_for_them_to_hear()
    {
        await using var node = Start(new ScriptedHook(_journal));
        await node.DrainUntilAsync(NodePhase.LameDuck);
        await node.Server.ResumeAsync();
        await node.AdvanceAsync(TimeSpan.FromHours(1));

        Assert.Equal(DrainPhase.Cancelled, (await node.Server.StatusAsync()).Drain!.Phase);
        Assert.Equal(["hook: requested by Api"], _journal.Entries);
    }

    private static VirtualNode Start(params IDrainHook[] hooks) => VirtualNode.Start(
        new() { LameDuck = LameDuck, Spread = Duration.Zero, IdleGrace = TimeSpan.FromSeconds(1) }, hooks: hooks);
}
