using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using static ActorServer.Core.ConnectionState;

namespace ActorServer.EndToEnd.Tests;

/// <summary>What a drain does to those who do not end in time.</summary>
public sealed class DeadlineSpecs
{
    private static readonly DrainRequest Patient = new(DrainTrigger.Code, Budget: Duration.Infinite);
    private static readonly DrainRequest Now = new(DrainTrigger.Code, Budget: Duration.Zero);

    [Fact]
    [Trait("Conformance", "29")]
    [Trait("Conformance", "62")]
    public async Task One_drain_answers_the_short_request_and_cuts_the_long_one()
    {
        Held shortHeld = new();
        Held longHeld = new();
        await using var server = await TestApplication.StartAsync(
            shortHeld,
            map: app => app.MapGet("/long", (HttpContext context) => longHeld.WaitAsync(context.RequestAborted)),
            drain: d => d.Budget = TimeSpan.FromSeconds(1));
        await using var quick = await RawClient.ConnectAsync(server.Address);
        await using var slow = await RawClient.ConnectAsync(server.Address);
        await quick.SendGetAsync("/held");
        await slow.SendGetAsync("/long");
        await shortHeld.EnteredAsync();
        await longHeld.EnteredAsync();

        var begun = await server.Server.BeginDrainAsync();
        await server.HeardAsync();
        shortHeld.Release();

        Assert.Equal("held", (await quick.ReadResponseAsync()).Body);
        Assert.Equal(RawEnd.Reset, await slow.ReadEndAsync());
        var report = await server.Server.WhenDrained;
        Assert.Equal((2, 1, 1, 0, true), (report.Initial, report.Completed, report.Aborted, report.Stragglers, report.HasAborted));
        Assert.Equal(begun.Deadline, report.Deadline);
        Assert.True(report.EndedAt <= report.Deadline);
    }

    [Fact]
    [Trait("Conformance", "30")]
    public async Task An_endless_answer_goes_on_until_the_deadline_and_does_not_look_complete()
    {
        await using var server = await TestApplication.StartAsync(map: app => app.MapGet("/endless", async (HttpContext context) =>
        {
            using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(5), TimeProvider.System);
            while (await timer.WaitForNextTickAsync(context.RequestAborted))
            {
                await context.Response.WriteAsync("more", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        }));
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendGetAsync("/endless");
        await client.ReadUntilAsync("more");

        var drained = await server.DrainPastPortsAsync(Patient);
        for (var i = 0; i < 20; i++)
        {
            await client.ReadUntilAsync("more");
        }

        Assert.False(drained.IsCompleted);
        await server.Server.BeginDrainAsync(Now);

        await Assert.ThrowsAnyAsync<IOException>(() => client.ReadUntilAsync("\r\n0\r\n\r\n"));
        Assert.Equal((1, 0), ((await drained).Aborted, (await drained).Stragglers));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Conformance", "59")]
    public async Task Half_an_answer_is_cut_at_the_deadline(bool tls)
    {
        Held held = new();
        await using var server = await TestApplication.StartAsync(
            map: app => app.MapGet("/half", async (HttpContext context) =>
            {
                context.Response.ContentLength = 8;
                await context.Response.WriteAsync("half");
                await context.Response.Body.FlushAsync();
                await held.WaitAsync(context.RequestAborted);
            }),
            configure: TestApplication.Listen(tls),
            drain: d => d.Budget = TimeSpan.FromMilliseconds(600));
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendGetAsync("/half");
        await client.ReadUntilAsync("half");
        await held.EnteredAsync();

        var report = await server.Server.DrainAsync();

        Assert.Equal(RawEnd.Reset, await client.ReadEndAsync());
        Assert.Equal((1, 0, 1, 0), (report.Initial, report.Completed, report.Aborted, report.Stragglers));
        var end = await server.EndOfTheOnlyConnectionAsync(New, Active, Closed);
        Assert.Equal((EndReason.DrainAborted, 0L), (end.EndReason, end.Requests));
    }

    [Fact]
    [Trait("Conformance", "60")]
    public async Task A_handler_that_ignores_its_abort_is_named_and_not_waited_for()
    {
        Held stubborn = new();
        await using var server = await TestApplication.StartAsync(
            map: app => app.MapGet("/stubborn", () => stubborn.WaitAsync()), drain: d => d.Budget = TimeSpan.FromMilliseconds(600));
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendGetAsync("/stubborn");
        await stubborn.EnteredAsync();

        var report = await server.Server.DrainAsync();

        Assert.Equal((1, 0, 1, 1, true), (report.Initial, report.Aborted, report.Stragglers, report.Remaining, report.HasAborted));
        var blocker = Assert.Single(report.Blockers);
        Assert.Equal(("GET", "/stubborn", Active), (blocker.Method, blocker.Path, blocker.State));
        Assert.Equal(RawEnd.Reset, await client.ReadEndAsync());
        stubborn.Release();
        var end = await server.EndOfTheOnlyConnectionAsync(New, Active, Closed);
        Assert.Equal(EndReason.DrainAborted, end.EndReason);
    }

    [Fact]
    [Trait("Conformance", "61")]
    [Trait("Conformance", "62")]
    public async Task A_deadline_that_is_not_reached_changes_nothing()
    {
        Held held = new();
        await using var server = await TestApplication.StartAsync(held, drain: d => d.Budget = TimeSpan.FromMinutes(1));
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendGetAsync("/held");
        await held.EnteredAsync();

        var drained = await server.DrainPastPortsAsync();
        held.Release();
        var report = await drained;

        Assert.Equal("held", (await client.ReadResponseAsync()).Body);
        Assert.False(report.HasAborted);
        Assert.True(report.EndedAt < report.Deadline);
    }

    [Fact]
    [Trait("Conformance", "63")]
    public async Task Without_a_deadline_it_waits_until_an_operator_cuts_whoever_holds_it()
    {
        Held stuck = new();
        await using var server = await TestApplication.StartAsync(stuck);
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendGetAsync("/held");
        await stuck.EnteredAsync();
        var id = Assert.Single(await server.Transitions.ReachAsync(Active));

        var drained = await server.DrainPastPortsAsync(Patient);
        await TestApplication.AssertRefusesAsync(server.Address);
        var during = (await server.Server.StatusAsync()).Drain!;
        Assert.False(drained.IsCompleted);
        await server.Server.Connection(id).AbortAsync();

        Assert.Null(during.Deadline);
        Assert.Equal((id, "/held"), (Assert.Single(during.Blockers).Id, during.Blockers[0].Path));
        var report = await drained;
        Assert.Equal((2, 1, 1, 0), (report.Initial, report.Closed, report.Aborted, report.Remaining));
        Assert.Equal(EndReason.Aborted, (await server.ConnectionAsync(id)).EndReason);
    }

    [Fact]
    [Trait("Conformance", "64")]
    public async Task A_budget_of_zero_cuts_all_at_once_and_handlers_are_told()
    {
        TaskCompletionSource told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Held held = new();
        await using var server = await TestApplication.StartAsync(map: app => app.MapGet("/work", async (HttpContext context) =>
        {
            context.RequestAborted.Register(told.SetResult);
            await held.WaitAsync(context.RequestAborted);
        }));
        await using var busy = await RawClient.ConnectAsync(server.Address);
        await using var idle = await RawClient.ConnectAsync(server.Address);
        await idle.GetAsync("/hello");
        await busy.SendGetAsync("/work");
        await held.EnteredAsync();
        await server.Transitions.ReachAsync(Idle);

        var report = await server.Server.DrainAsync(Now);

        Assert.Equal((2, 2, 0, 0), (report.Initial, report.Aborted, report.Stragglers, report.Remaining));
        Assert.Equal(RawEnd.Reset, await busy.ReadEndAsync());
        Assert.Equal(RawEnd.Reset, await idle.ReadEndAsync());
        await told.Task;
    }
}
