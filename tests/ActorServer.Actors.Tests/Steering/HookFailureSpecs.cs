using ActorServer.Core;
using ActorServer.TestKit;

namespace ActorServer.Actors.Tests.Steering;

/// <summary>Hooks that throw, hang or block: each call is bounded, said, and the drain goes on.</summary>
[Trait("Conformance", "78")]
public sealed class HookFailureSpecs : IDisposable
{
    private static readonly TimeSpan HookWait = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LameDuck = TimeSpan.FromSeconds(5);

    private readonly Journal _journal = new();
    private readonly Journal _log = new();
    private readonly ManualResetEventSlim _blocking = new();

    // Whoever is blocked goes on: the thread is the pool's.
    public void Dispose() => _blocking.Set();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Those_that_throw(bool atOnce)
    {
        await using var node = Start(Failing(_ => atOnce ? throw new InvalidOperationException("bug") : FailAsync()));

        var drain = node.Server.DrainAsync(new(DrainTrigger.Api));
        await node.Transitions.ReachAsync(NodePhase.LameDuck);
        await node.AdvanceAsync(LameDuck);

        await AssertDrainedAsync(drain);

        static async Task FailAsync()
        {
            await Task.Yield();
            throw new InvalidOperationException("bug");
        }
    }

    [Fact]
    public async Task Those_that_hang_and_do_not_listen()
        => await AssertBoundedAsync(static _ => new TaskCompletionSource().Task);

    [Fact]
    public async Task Those_that_hang_until_they_are_told()
    {
        var told = 0;
        await AssertBoundedAsync(async token =>
        {
            TaskCompletionSource end = new();
            await using var registration = token.Register(() => end.SetCanceled(token));
            try
            {
                await end.Task;
            }
            finally
            {
                Interlocked.Increment(ref told);
                _journal.Write("told");
            }
        });
        await _journal.ReachAsync("told", times: 3);
        Assert.Equal(3, told);
    }

    [Fact]
    public async Task Those_that_block_their_thread()
        => await AssertBoundedAsync(_ =>
        {
            _blocking.Wait(CancellationToken.None);
            return Task.CompletedTask;
        });

    [Fact]
    [Trait("Conformance", "15")]
    public async Task While_one_hangs_connections_and_questions_go_on()
    {
        await using var node = Start(Failing(static _ => new TaskCompletionSource().Task));
        var drain = node.Server.BeginDrainAsync(new(DrainTrigger.Api));
        await _journal.ReachAsync("bad: requested by Api");

        var connection = await node.IdleAsync();
        Assert.Equal(1, (await node.Server.StatusAsync()).Connections.Idle);
        Assert.Equal(CommandResult.Accepted, await node.Server.Connection(connection.Id).AbortAsync());
        await connection.Transport.Aborted.SoonAsync();
        Assert.False(drain.IsCompleted);
        node.Advance(HookWait);

        await drain.SoonAsync();
    }

    [Fact]
    [Trait("Conformance", "61")]
    public async Task The_deadline_holds_also_while_one_hangs()
    {
        ScriptedHook hook = new(_journal) { Draining = static _ => new TaskCompletionSource().Task };
        await using var node = VirtualNode.Start(
            new() { Budget = TimeSpan.FromSeconds(20), LameDuck = LameDuck, HookWait = TimeSpan.FromMinutes(10) },
            hooks: [hook]);
        var idle = await node.IdleAsync();
        await node.DrainUntilAsync(NodePhase.Draining);
        await _journal.ReachAsync("hook: draining");

        await node.AdvanceAsync(TimeSpan.FromSeconds(13));
        await idle.Transport.Aborted.SoonAsync();
        idle.Cell.Closed();
        await node.AdvanceAsync(TimeSpan.FromSeconds(2));

        var report = await node.Server.WhenDrained.SoonAsync();
        Assert.Equal((1, 0), (report.Aborted, report.Stragglers));
    }

    private async Task AssertBoundedAsync(Func<CancellationToken, Task> call)
    {
        await using var node = Start(Failing(call));
        var drain = node.Server.DrainAsync(new(DrainTrigger.Api));

        await StepAsync("bad: requested by Api", "good: requested by Api");
        await node.Transitions.ReachAsync(NodePhase.LameDuck);
        await node.AdvanceAsync(LameDuck);
        await StepAsync("bad: draining", "good: draining");
        await StepAsync("bad: drained, Drained", "good: drained, Drained");

        await AssertDrainedAsync(drain);

        async Task StepAsync(string bad, string good)
        {
            await _journal.ReachAsync(bad);
            node.Advance(HookWait - TimeSpan.FromMilliseconds(1));
            Assert.DoesNotContain(good, _journal.Entries);
            node.Advance(TimeSpan.FromMilliseconds(1));
            await _journal.ReachAsync(good);
        }
    }

    private async Task AssertDrainedAsync(Task<DrainReport> drain)
    {
        Assert.Equal(DrainPhase.Drained, (await drain.SoonAsync()).Phase);
        Assert.Equal(
            [
                "bad: requested by Api", "good: requested by Api",
                "bad: draining", "good: draining",
                "bad: drained, Drained", "good: drained, Drained",
            ],
            _journal.Entries.Where(e => e != "told"));
        Assert.Equal(
            [
                "ScriptedHook.OnDrainRequestedAsync failed or took too long; the drain goes on.",
                "ScriptedHook.OnDrainingAsync failed or took too long; the drain goes on.",
                "ScriptedHook.OnDrainedAsync failed or took too long; the drain goes on.",
            ],
            _log.Entries);
    }

    private ScriptedHook Failing(Func<CancellationToken, Task> call) => new(_journal, "bad")
    {
        Requested = async (_, token) =>
        {
            await call(token);
            return null;
        },
        Draining = call,
        Drained = (_, token) => call(token),
    };

    private VirtualNode Start(ScriptedHook bad) => VirtualNode.Start(
        new() { LameDuck = LameDuck, HookWait = HookWait },
        hooks: [bad, new ScriptedHook(_journal, "good")],
        loggers: new JournalLoggers(_log, "HookFailed"));
}
