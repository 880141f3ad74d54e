using System.Net;
using ActorServer.Core;
using ActorServer.EndToEnd.Tests.Admin;
using ActorServer.EndToEnd.Tests.Goodbyes;
using ActorServer.EndToEnd.Tests.Races;
using ActorServer.TestKit;

namespace ActorServer.EndToEnd.Tests.Steering;

/// <summary>A node that serves again, on real ports.</summary>
[Trait("Conformance", "82")]
public sealed class ResumeSpecs
{
    [Fact]
    public async Task A_drained_node_serves_again_at_every_endpoint_however_often()
    {
        await using var ports = await EndpointSet.StartAsync();
        for (var i = 1; i <= 3; i++)
        {
            await ports.AssertServesAsync();
            var report = await ports.Server.Server.DrainAsync(SocketApplication.Waiting).WaitAsync(SocketApplication.WaitMax);
            await ports.AssertRefusesAsync();

            var status = await ports.Server.Server.ResumeAsync();

            Assert.Equal(($"{i}", DrainPhase.Drained, 0), (report.Id, report.Phase, report.Aborted));
            Assert.Equal((NodePhase.Serving, true, true), (status.Phase, status.Accepting, status.Ready));
        }

        await ports.AssertServesAsync();
    }

    [Fact]
    [Trait("Conformance", "101")]
    public async Task A_suspended_node_serves_again_at_every_endpoint()
    {
        await using var ports = await EndpointSet.StartAsync();
        var before = await ports.ConnectAsync();
        await ports.Server.Server.SuspendAsync();
        await ports.Server.PortsClosedAsync();
        await ports.AssertRefusesAsync();

        await ports.Server.Server.ResumeAsync();

        await ports.AssertServesAsync();
        foreach (var client in before)
        {
            await using (client)
            {
                Assert.False((await client.GetAsync("/hello")).AnnouncesClose);
            }
        }
    }

    [Fact]
    public async Task A_node_that_was_drained_while_suspended_serves_again_at_every_endpoint()
    {
        await using var ports = await EndpointSet.StartAsync();
        await ports.Server.Server.SuspendAsync();
        await ports.Server.Server.DrainAsync(SocketApplication.Waiting).WaitAsync(SocketApplication.WaitMax);

        await ports.Server.Server.ResumeAsync();

        await ports.AssertServesAsync();
    }

    [Fact]
    public async Task In_the_lame_duck_it_changes_nothing_at_the_ports_and_keep_alive_is_back()
    {
        await using var ports = await EndpointSet.StartAsync();
        var before = await ports.ConnectAsync();
        await ports.Server.Server.BeginDrainAsync(SocketApplication.Announcing);
        var during = await ports.ConnectAsync();
        await ports.Server.Transitions.ReachAsync(ConnectionState.New, before.Count + during.Count);

        await ports.Server.Server.ResumeAsync();
        await ports.Server.HeardAsync();

        await ports.AssertServesAsync();
        foreach (var client in (IEnumerable<RawClient>)[.. before, .. during])
        {
            await using (client)
            {
                Assert.False((await client.GetAsync("/hello")).AnnouncesClose);
                Assert.False((await client.GetAsync("/hello")).AnnouncesClose);
            }
        }
    }

    [Fact]
    public async Task While_an_answer_is_awaited_it_takes_the_announcement_back_from_that_answer_too()
    {
        await using var site = await AdminSite.StartAsync();
        var (busy, busyId) = await site.HoldAsync();
        await using var _ = busy;
        var (idle, idleId) = await site.IdleAsync();
        await using var __ = idle;
        using var drain = await site.PostAsync("/api/drain", """{"budget":"infinite"}""");
        // Quiet connections go once the ports are closed.
        await site.ReachAsync(idleId, ConnectionState.Closed);

        using var resumed = await site.PostAsync("/api/resume");
        var status = await resumed.JsonAsync(HttpStatusCode.OK);
        await site.HeardAsync(busyId);
        site.Release();

        Assert.Equal(("Serving", "Cancelled"), (status.Text("phase"), status.GetProperty("drain").Text("phase")));
        var held = await busy.ReadResponseAsync();
        Assert.Equal(("held", false), (held.Body, held.AnnouncesClose));
        Assert.Equal("hello", (await busy.GetAsync("/hello")).Body);
        await using var young = await site.ConnectAsync();
        Assert.False((await young.GetAsync("/hello")).AnnouncesClose);
        Assert.Equal("hello", (await young.GetAsync("/hello")).Body);
    }
}
