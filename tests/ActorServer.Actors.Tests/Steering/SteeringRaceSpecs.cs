using ActorServer.Core;
using ActorServer.TestKit;

namespace ActorServer.Actors.Tests.Steering;

/// <summary>A resume that meets something else at the same moment: whoever comes first, the node ends as one of the two.</summary>
[Trait("Conformance", "82")]
public sealed class SteeringRaceSpecs : IAsyncDisposable
{
    private const int Rounds = 200;
    private static readonly TimeSpan LameDuck = TimeSpan.FromSeconds(5);

    private readonly FakeListenerGate _gate = new(closesAtOnce: false);
    private readonly VirtualNode _node;

    public SteeringRaceSpecs() => _node = VirtualNode.Start(
        new() { LameDuck = LameDuck, Spread = Duration.Zero, IdleGrace = TimeSpan.FromMilliseconds(500) }, _gate);

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task The_end_of_the_lame_duck()
    {
        var (busy, _) = await _node.BusyAsync();
        for (var round = 1; round <= Rounds; round++)
        {
            var drain = await _node.Server.BeginDrainAsync();
            var end = _node.Server.WhenDrained;

            var resume = await AtOnceAsync(() => _node.Advance(LameDuck), () => _node.Server.ResumeAsync());
            // Whether the ports were told to close is the race's to decide: a resume waits for those that were.
            _gate.Close();

            Assert.Equal(NodePhase.Serving, (await resume.SoonAsync()).Phase);
            await AssertCalledOffAsync(round, drain, end);
            Assert.Equal(round, busy.Transport.Withdrawals);
        }
    }

    [Fact]
    public async Task The_ports_closing()
    {
        var (busy, _) = await _node.BusyAsync();
        for (var round = 1; round <= Rounds; round++)
        {
            var drain = await _node.Server.BeginDrainAsync(new(DrainTrigger.Api, LameDuck: Duration.Zero));
            var end = _node.Server.WhenDrained;
            await _node.AdvanceAsync(TimeSpan.Zero);
            await _gate.Closing.SoonAsync();

            var resume = await AtOnceAsync(_gate.Close, () => _node.Server.ResumeAsync());

            Assert.True((await resume.SoonAsync()).Ready);
            await AssertCalledOffAsync(round, drain, end);
            Assert.Equal(round, busy.Transport.Withdrawals);
        }

        Assert.False(busy.Transport.CloseRequested.IsCompleted || busy.Transport.Aborted.IsCompleted);
    }

    [Fact]
    public async Task The_last_connections_end()
    {
        var drained = 0;
        for (var round = 1; round <= Rounds; round++)
        {
            var (last, _) = await _node.BusyAsync();
            var drain = await _node.Server.BeginDrainAsync(new(DrainTrigger.Api, LameDuck: Duration.Zero));
            var end = _node.Server.WhenDrained;
            await _node.AdvanceAsync(TimeSpan.Zero);
            _gate.Close();
            await _node.SettleAsync();

            var resume = await AtOnceAsync(last.Cell.Closed, () => _node.Server.ResumeAsync());

            var status = await resume.SoonAsync();
            Assert.True(status.Ready);
            var report = await end.SoonAsync();
            Assert.Equal(drain.Id, report.Id);
            Assert.Equal(report.Phase, (await _node.Server.StatusAsync()).Drain!.Phase);
            drained += report.Phase == DrainPhase.Drained ? 1 : 0;
            await _node.Transitions.ReachAsync(last.Id, ConnectionState.Closed);
            await _node.SettleAsync();
            await _node.AssertServesAsync();
            Assert.Equal(0, (await _node.Server.StatusAsync()).Connections.Total);
        }

        Assert.InRange(drained, 0, Rounds);
    }

    [Fact]
    [Trait("Conformance", "72")]
    public async Task A_second_drain()
    {
        var (busy, _) = await _node.BusyAsync();
        for (var round = 1; round <= Rounds; round++)
        {
            var first = await _node.Server.BeginDrainAsync();
            var end = _node.Server.WhenDrained;

            Task<DrainReport> second = null!;
            var resume = await AtOnceAsync(
                () => second = _node.Server.BeginDrainAsync(new(DrainTrigger.Message)), () => _node.Server.ResumeAsync());

            Assert.Equal((first.Id, DrainPhase.Cancelled), ((await end.SoonAsync()).Id, (await end).Phase));
            await resume.SoonAsync();
            var report = await second.SoonAsync();
            var status = await _node.Server.StatusAsync();
            // It joined, and was called off with the first; or it came after the resume, and is a new one.
            Assert.Equal(
                report.Id == first.Id ? (NodePhase.Serving, DrainPhase.Cancelled) : (NodePhase.LameDuck, DrainPhase.LameDuck),
                (status.Phase, status.Drain!.Phase));
            Assert.Equal(report.Id, status.Drain.Id);
            await _node.Server.ResumeAsync();
        }

        await _node.AssertServesAsync();
        Assert.False(busy.Transport.CloseRequested.IsCompleted || busy.Transport.Aborted.IsCompleted);
    }

    [Fact]
    [Trait("Conformance", "75")]
    public async Task A_signal()
    {
        for (var round = 1; round <= Rounds / 4; round++)
        {
            await using var node = VirtualNode.Start(new() { LameDuck = LameDuck });
            await node.Server.BeginDrainAsync();

            Task<DrainReport> signal = null!;
            var resume = await AtOnceAsync(
                () => signal = node.Server.BeginDrainAsync(new(DrainTrigger.Signal)),
                () => Record.ExceptionAsync(() => node.Server.ResumeAsync()));

            // A signal always drains: its own drain after the resume, or the first one, which nobody calls off any more.
            var refused = await resume.SoonAsync() is DrainRefusedException;
            Assert.Equal(refused ? "1" : "2", (await signal.SoonAsync()).Id);
            await node.AdvanceAsync(LameDuck);
            Assert.Equal(DrainPhase.Drained, (await node.Server.WhenDrained.SoonAsync()).Phase);
        }
    }

    [Fact]
    public async Task Connections_that_come_and_go()
    {
        for (var round = 1; round <= Rounds / 4; round++)
        {
            await _node.Server.BeginDrainAsync();
            List<VirtualConnection> come = [];

            var resume = await AtOnceAsync(
                () =>
                {
                    for (var i = 0; i < 20; i++)
                    {
                        come.Add(_node.Accept());
                    }
                },
                () => _node.Server.ResumeAsync());
            await resume.SoonAsync();
            await _node.SettleAsync();

            // Whether they were told to announce or born so, they were told that it is off.
            Assert.All(come, static c => Assert.InRange(c.Transport.Announcements, 0, 1));
            Assert.All(come, static c => Assert.Equal(1, c.Transport.Withdrawals));
            come.ForEach(static c => c.Cell.Closed());
            await _node.SettleAsync();
            Assert.Equal(0, (await _node.Server.StatusAsync()).Connections.Total);
        }
    }

    private static async Task<Task<T>> AtOnceAsync<T>(Action left, Func<Task<T>> right)
    {
        using Barrier barrier = new(2);
        var other = Task.Run(() =>
        {
            barrier.SignalAndWait();
            left();
        });
        var verb = Task.Run(() =>
        {
            barrier.SignalAndWait();
            return right();
        });
        await other.SoonAsync();
        return verb;
    }

    private async Task AssertCalledOffAsync(int round, DrainReport drain, Task<DrainReport> end)
    {
        Assert.Equal(($"{round}", drain.Id), (drain.Id, (await end.SoonAsync()).Id));
        Assert.Equal(DrainPhase.Cancelled, (await end).Phase);
        await _node.SettleAsync();
        await _node.AssertServesAsync();
        // No timer of the old drain is left.
        await _node.AdvanceAsync(TimeSpan.FromMinutes(1));
        await _node.AssertServesAsync();
    }
}
