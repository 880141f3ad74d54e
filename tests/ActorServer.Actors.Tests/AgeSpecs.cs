using ActorServer.Core;
using ActorServer.TestKit;

namespace ActorServer.Actors.Tests;

/// <summary>Connections that grow old, in virtual time.</summary>
public sealed class AgeSpecs : IAsyncDisposable
{
    private static readonly TimeSpan Age = TimeSpan.FromHours(1);
    private static readonly TimeSpan Youngest = 0.9 * Age;
    private static readonly TimeSpan Jitter = 0.2 * Age;
    private static readonly TimeSpan LameDuck = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(20);
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    private readonly VirtualNode _node = VirtualNode.Start(
        new() { LameDuck = LameDuck }, limits: new() { MaxConnectionAge = Age, MaxConnectionAgeGrace = Grace });

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    [Trait("Conformance", "92")]
    public async Task Nobody_is_told_before_nine_tenths_of_the_age_and_all_are_within_eleven()
    {
        List<VirtualConnection> all = [];
        for (var i = 0; i < 100; i++)
        {
            all.Add(await _node.AcceptIdleAsync());
        }

        await _node.AdvanceAsync(Youngest - Tick);
        Assert.DoesNotContain(all, c => c.Transport.Announced.IsCompleted);
        await _node.AdvanceAsync(Jitter / 2);
        var half = all.Count(c => c.Transport.Announced.IsCompleted);
        await _node.AdvanceAsync((Jitter / 2) + Tick + Tick);

        // Of a hundred fair coins nobody has ever seen fewer than ten heads.
        Assert.InRange(half, 10, 90);
        Assert.All(all, c => Assert.True(c.Transport.Announced.IsCompleted));
    }

    [Fact]
    [Trait("Conformance", "92")]
    public async Task An_old_connection_is_announced_and_closed_when_it_has_brought_no_request_for_a_lame_duck()
    {
        var idle = await _node.AcceptIdleAsync();
        await GrowOldAsync(idle);

        await _node.AdvanceAsync(LameDuck - Step - Step);
        Assert.False(idle.IsToldToEnd());
        await _node.AdvanceAsync(LameDuck);
        Assert.True(idle.Transport.CloseRequested.IsCompleted);
        await _node.ObeyAsync(idle);
        Assert.Equal(EndReason.Closed, (await _node.SnapshotAsync(idle)).EndReason);
    }

    [Fact]
    public async Task A_request_of_an_old_connection_is_served_and_ends_it()
    {
        var idle = await _node.AcceptIdleAsync();
        await GrowOldAsync(idle);
        var request = idle.Start();

        await _node.AdvanceAsync(LameDuck);
        Assert.False(idle.IsToldToEnd());
        idle.End(request, keepAlive: false);
        idle.Cell.Closed();
        await _node.SettleAsync();

        Assert.Equal(EndReason.Completed, (await _node.SnapshotAsync(idle)).EndReason);
        await _node.AdvanceAsync(Grace);
        Assert.False(idle.Transport.Aborted.IsCompleted);
    }

    [Fact]
    [Trait("Conformance", "92")]
    public async Task What_goes_on_after_the_grace_is_cut()
    {
        var (busy, _) = await _node.AcceptBusyAsync();
        await GrowOldAsync(busy);

        await _node.AdvanceAsync(Grace - Step - Step);
        Assert.False(busy.IsToldToEnd());
        await _node.AdvanceAsync(Step + Step);
        Assert.Contains("age", await busy.Transport.Aborted.SoonAsync(), StringComparison.Ordinal);
        await _node.ObeyAsync(busy);
        Assert.Equal(EndReason.AgeAborted, (await _node.SnapshotAsync(busy)).EndReason);
        Assert.Equal(1, (await _node.Server.StatusAsync()).Totals.Aborted);
    }

    [Fact]
    public async Task An_upgraded_connection_is_told()
    {
        var upgraded = await _node.AcceptUpgradedAsync();

        await _node.AdvanceAsync(Youngest + Jitter);

        Assert.True(upgraded.Transport.CloseRequested.IsCompleted);
    }

    [Fact]
    public async Task A_drain_that_is_called_off_makes_nobody_young_again()
    {
        var idle = await _node.AcceptIdleAsync();
        await GrowOldAsync(idle);
        await _node.Server.BeginDrainAsync();
        await _node.SettleAsync();
        var before = idle.Transport.Announcements;

        await _node.Server.ResumeAsync();
        await _node.SettleAsync();

        Assert.True(idle.Transport.Announcements > before);
        await _node.AdvanceAsync(LameDuck);
        Assert.True(idle.Transport.CloseRequested.IsCompleted);
    }

    [Fact]
    public async Task A_crash_at_the_age_itself_forgets_nothing()
    {
        var (busy, _) = await _node.AcceptBusyAsync();
        busy.Transport.Failure = new InvalidOperationException("A crash of the connection's actor.");

        await GrowOldAsync(busy);

        Assert.Null(busy.Transport.Failure);
        await _node.AdvanceAsync(Grace);
        Assert.True(busy.Transport.Aborted.IsCompleted);
    }

    [Fact]
    [Trait("Conformance", "95")]
    public async Task A_limit_that_is_set_while_the_node_runs_holds_for_those_that_are_there()
    {
        await using var node = VirtualNode.Start(new() { LameDuck = LameDuck });
        var idle = await node.AcceptIdleAsync();
        await node.AdvanceAsync(Age * 3);
        Assert.False(idle.Transport.Announced.IsCompleted);

        node.Server.ChangeLimits(node.Server.Limits with { MaxConnectionAge = Age }, "a test");
        await node.SettleAsync();
        await node.AdvanceAsync(Jitter + Tick);
        Assert.True(idle.Transport.Announced.IsCompleted);

        var young = await node.AcceptIdleAsync();
        node.Server.ChangeLimits(LimitSettings.None, "a test");
        await node.AdvanceAsync(Age * 3);
        Assert.False(young.Transport.Announced.IsCompleted);
    }

    [Fact]
    public void A_limit_that_is_not_allowed_changes_nothing()
    {
        var before = _node.Server.Limits;

        var exception = Assert.Throws<ArgumentOutOfRangeException>(
            () => _node.Server.ChangeLimits(before with { MaxConnections = 0 }, "a test"));

        Assert.Contains("ActorServer:Limits:MaxConnections cannot be \"0\"", exception.Message, StringComparison.Ordinal);
        Assert.Equal(before, _node.Server.Limits);
    }

    // To a step after it is told, no more: nobody outside knows its lot.
    private async Task GrowOldAsync(VirtualConnection connection)
    {
        await _node.AdvanceAsync(Youngest - Tick);
        Assert.False(connection.Transport.Announced.IsCompleted);
        for (var grown = TimeSpan.Zero; !connection.Transport.Announced.IsCompleted; grown += Step)
        {
            Assert.True(grown <= Jitter + Step);
            await _node.AdvanceAsync(Step);
        }
    }
}
