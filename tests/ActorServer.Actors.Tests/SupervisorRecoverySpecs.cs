using System.Collections.Concurrent;
using ActorServer.Core;
using ActorServer.TestKit;

namespace ActorServer.Actors.Tests;

/// <summary>What a supervisor does after a crash, and what it says.</summary>
[Trait("Conformance", "107")]
public sealed class SupervisorRecoverySpecs
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_crash_in_the_middle_of_recovering_does_not_end_the_node()
    {
        FakeListenerGate gate = new();
        var crashes = 0;
        Loggers loggers = new(line =>
        {
            if (line.Name == "SupervisorRestarted" && ++crashes == 1)
            {
                gate.Failure = new InvalidOperationException("A bug in a gate, again.");
            }
        });
        await using var node = VirtualNode.Start(new() { LameDuck = Second, Spread = Duration.Zero }, gate, loggers: loggers);
        var idle = await node.AcceptIdleAsync();
        gate.Failure = new InvalidOperationException("A bug in a gate.");

        await node.Server.BeginDrainAsync();
        await node.AdvanceAsync(Second);
        await node.AdvanceAsync(Second);

        Assert.Equal(2, crashes);
        Assert.True(idle.Transport.Announced.IsCompleted);
        Assert.True(idle.Transport.CloseRequested.IsCompleted);
        await node.ObeyAsync(idle);
        Assert.Equal(1, (await node.Server.WhenDrained.SoonAsync()).Closed);
    }

    [Fact]
    public async Task A_crash_is_said_once_by_the_actor_that_failed()
    {
        ConcurrentQueue<string?> said = [];
        Loggers loggers = new(line => said.Enqueue(line.Name));
        await using var node = VirtualNode.Start(loggers: loggers);
        var connection = await node.AcceptIdleAsync();
        await node.AcceptIdleAsync();
        await node.CrashSupervisorAsync();
        Assert.Equal(["SupervisorRestarted"], said.Where(static name => name!.EndsWith("Restarted", StringComparison.Ordinal)));

        connection.Transport.Failure = new InvalidOperationException("A bug in a transport.");
        await node.Server.Connection(connection.Id).CloseAsync();
        await node.SettleAsync();
        Assert.Equal(
            ["SupervisorRestarted", "ConnectionRestarted"],
            said.Where(static name => name!.EndsWith("Restarted", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_log_that_throws_holds_nothing_up()
    {
        Loggers loggers = new(static line => throw new InvalidOperationException($"A bug in a log, at {line.Name}."));
        await using var node = VirtualNode.Start(new() { LameDuck = Second, Spread = Duration.Zero }, loggers: loggers);
        var (busy, request) = await node.AcceptBusyAsync();
        var idle = await node.AcceptIdleAsync();
        await node.Server.BeginDrainAsync();
        busy.End(request, keepAlive: false);
        busy.Cell.Closed();
        await node.AdvanceAsync(Second);
        await node.AdvanceAsync(Second);
        await node.ObeyAsync(idle);

        var report = await node.Server.WhenDrained.SoonAsync();
        Assert.Equal((2, 1, 1), (report.Initial, report.Closed, report.Completed));
        await node.AssertWentAsync(busy, ConnectionState.New, ConnectionState.Active, ConnectionState.Closed);
    }

    [Fact]
    [Trait("Conformance", "78")]
    public async Task Drains_that_wait_for_a_hook_are_answered_after_a_crash()
    {
        DecidingHook hook = new();
        await using var node = VirtualNode.Start(new() { LameDuck = Second }, hooks: [hook]);
        var first = node.Server.BeginDrainAsync(new(DrainTrigger.Api, Reason: "first"));
        await hook.Asked.SoonAsync();
        // It waits for the one before.
        var second = node.Server.BeginDrainAsync(new(DrainTrigger.Api, Reason: "second"));
        await node.CrashSupervisorAsync();
        Assert.False(first.IsCompleted || second.IsCompleted);

        hook.Agree();

        Assert.Equal((await first.SoonAsync()).Id, (await second.SoonAsync()).Id);
        await node.AdvanceAsync(Second);
        Assert.Equal(DrainPhase.Drained, (await node.Server.WhenDrained.SoonAsync()).Phase);
    }

    [Fact]
    [Trait("Conformance", "82")]
    public async Task A_resume_that_waits_for_the_ports_is_answered_after_a_crash()
    {
        FakeListenerGate gate = new(closesAtOnce: false);
        await using var node = VirtualNode.Start(new() { LameDuck = Second, Spread = Duration.Zero }, gate);
        await node.Server.BeginDrainAsync();
        await node.AdvanceAsync(Second);
        var resumed = node.Server.ResumeAsync();
        await node.CrashSupervisorAsync();
        await Task.Run(gate.Close);

        var status = await resumed.SoonAsync();
        await node.AdvanceAsync(TimeSpan.FromMinutes(1));

        Assert.Equal((NodePhase.Serving, true, true), (status.Phase, status.Accepting, status.Ready));
        Assert.Equal(NodePhase.Serving, (await node.Server.StatusAsync()).Phase);
        Assert.False(gate.Announced);
        var later = await node.AcceptIdleAsync();
        await node.SettleAsync();
        Assert.Equal(0, later.Transport.Announcements);
    }

    private sealed class DecidingHook : IDrainHook
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource<string?> _decided = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Asked => _asked.Task;

        public void Agree() => _decided.SetResult(null);

        public Task<string?> OnDrainRequestedAsync(DrainRequest request, CancellationToken cancellationToken)
        {
            _asked.TrySetResult();
            return _decided.Task;
        }
    }
}
