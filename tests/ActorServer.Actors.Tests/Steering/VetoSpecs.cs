using ActorServer.Core;
using ActorServer.TestKit;

namespace ActorServer.Actors.Tests.Steering;

/// <summary>The application refuses a drain.</summary>
[Trait("Conformance", "76")]
public sealed class VetoSpecs
{
    private static readonly TimeSpan LameDuck = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan HookWait = TimeSpan.FromSeconds(2);

    private readonly Journal _journal = new();

    [Theory]
    [InlineData(DrainTrigger.Api)]
    [InlineData(DrainTrigger.Message)]
    [InlineData(DrainTrigger.Code)]
    public async Task Nothing_happens_and_a_later_drain_works(DrainTrigger trigger)
    {
        string? refusal = "a migration is running";
        await using var node = Start(new ScriptedHook(_journal) { Requested = (_, _) => Task.FromResult<string?>(refusal) });
        var idle = await node.IdleAsync();

        var refused = await Assert.ThrowsAsync<DrainRefusedException>(() => node.Server.DrainAsync(new(trigger)));

        Assert.Equal("a migration is running", refused.Message);
        await node.AdvanceAsync(TimeSpan.FromHours(1));
        await node.AssertServesAsync();
        Assert.Null((await node.Server.StatusAsync()).Drain);
        Assert.Equal((0, 0), (node.Gate.CloseCalls, idle.Transport.Announcements));
        Assert.False(node.Server.WhenDrained.IsCompleted);
        refusal = null;
        Assert.Equal("1", (await node.Server.BeginDrainAsync(new(trigger))).Id);
        Assert.Equal(2, _journal.Entries.Count);
    }

    [Theory]
    [InlineData(DrainTrigger.Signal)]
    [InlineData(DrainTrigger.Host)]
    [InlineData(DrainTrigger.ClusterLeave)]
    public async Task Who_ends_the_process_is_not_refused(DrainTrigger trigger)
    {
        ScriptedHook hook = new(_journal) { Requested = static (_, _) => Task.FromResult<string?>("no") };
        await using var node = Start(hook);

        var drain = node.Server.DrainAsync(new(trigger));
        await _journal.ReachAsync($"hook: requested by {trigger}");
        await node.Transitions.ReachAsync(NodePhase.LameDuck);
        await node.AdvanceAsync(LameDuck);

        Assert.Equal(DrainPhase.Drained, (await drain.SoonAsync()).Phase);
    }

    [Fact]
    public async Task The_first_reason_is_given_and_all_are_asked()
    {
        await using var node = Start(
            new ScriptedHook(_journal, "first"),
            new ScriptedHook(_journal, "second") { Requested = (_, _) => Task.FromResult<string?>("two") },
            new ScriptedHook(_journal, "third") { Requested = (_, _) => Task.FromResult<string?>("three") });

        var refused = await Assert.ThrowsAsync<DrainRefusedException>(() => node.Server.BeginDrainAsync());

        Assert.Equal("two", refused.Message);
        Assert.Equal(
            ["first: requested by Code", "second: requested by Code", "third: requested by Code"], _journal.Entries);
    }

    [Fact]
    public async Task It_is_told_what_is_asked()
    {
        DrainRequest? seen = null;
        await using var node = Start(new ScriptedHook(_journal)
        {
            Requested = (request, _) =>
            {
                seen = request;
                return Task.FromResult<string?>(null);
            },
        });
        DrainRequest request = new(DrainTrigger.Message, Budget: TimeSpan.FromSeconds(7), Reason: "deploy");

        await node.Server.BeginDrainAsync(request);

        Assert.Equal(request, seen);
    }

    [Fact]
    public async Task A_running_drain_cannot_be_refused_any_more()
    {
        string? refusal = null;
        await using var node = Start(new ScriptedHook(_journal) { Requested = (_, _) => Task.FromResult<string?>(refusal) });
        await node.Server.BeginDrainAsync();
        refusal = "no";

        Assert.Equal("1", (await node.Server.BeginDrainAsync()).Id);
        Assert.Single(_journal.Entries);
    }

    [Fact]
    [Trait("Conformance", "78")]
    public async Task One_that_comes_too_late_is_none()
    {
        TaskCompletionSource<string?> late = new();
        TaskCompletionSource<string?> second = new();
        await using var node = Start(
            new ScriptedHook(_journal, "first") { Requested = (_, _) => late.Task },
            new ScriptedHook(_journal, "second") { Requested = (_, _) => second.Task });
        var drain = node.Server.BeginDrainAsync();
        await _journal.ReachAsync("first: requested by Code");
        node.Advance(HookWait);
        await _journal.ReachAsync("second: requested by Code");

        late.SetResult("too late");
        second.SetResult(null);

        Assert.Equal(DrainPhase.LameDuck, (await drain.SoonAsync()).Phase);
    }

    private static VirtualNode Start(params IDrainHook[] hooks)
        => VirtualNode.Start(new() { LameDuck = LameDuck, HookWait = HookWait }, hooks: hooks);
}
