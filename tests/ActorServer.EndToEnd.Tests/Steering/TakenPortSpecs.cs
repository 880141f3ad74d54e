using System.Net;
using System.Net.Sockets;
using ActorServer.Core;
using ActorServer.EndToEnd.Tests.Admin;
using ActorServer.TestKit;

namespace ActorServer.EndToEnd.Tests.Steering;

/// <summary>A port that somebody else has bound meanwhile: the node stays as it was, and can be resumed when the port is free.</summary>
[Trait("Conformance", "41")]
public sealed class TakenPortSpecs
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_drained_node_stays_drained(int which)
    {
        await using var site = await StartAsync();
        await site.Server.DrainAsync(new(DrainTrigger.Api));

        await AssertRefusedAsync(site, which, "Drained");

        Assert.Equal("Drained", (await site.ReadAsync("/api/drain")).Text("phase"));
        await AssertResumesAsync(site);
        Assert.Equal("Drained", (await site.ReadAsync("/api/drain")).Text("phase"));
    }

    [Fact]
    public async Task A_suspended_node_stays_suspended()
    {
        await using var site = await StartAsync();
        await site.Server.SuspendAsync();
        await site.PortsClosedAsync();

        await AssertRefusedAsync(site, which: 1, "Serving");

        using var again = await site.PostAsync("/api/suspend");
        Assert.False((await again.JsonAsync(HttpStatusCode.OK)).GetProperty("accepting").GetBoolean());
        await AssertResumesAsync(site);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_node_that_waits_for_an_answer_goes_on_waiting(bool resumesInTheEnd)
    {
        await using var site = await StartAsync();
        var (busy, busyId) = await site.HoldAsync();
        await using var _ = busy;
        using var drain = await site.PostAsync("/api/drain", """{"budget":"infinite"}""");
        await site.Transitions.ReachAsync(NodePhase.Draining);
        await site.PortsClosedAsync();

        await AssertRefusedAsync(site, which: 1, "Draining");

        Assert.Equal([busyId], (await site.ReadAsync("/api/drain")).GetProperty("blockers").Texts("id"));
        if (resumesInTheEnd)
        {
            await AssertResumesAsync(site);
            await site.HeardAsync(busyId);
        }

        site.Release();
        var held = await busy.ReadResponseAsync();
        Assert.Equal(("held", !resumesInTheEnd), (held.Body, held.AnnouncesClose));
        if (!resumesInTheEnd)
        {
            var report = await site.Server.WhenDrained.WaitAsync(AdminSite.WaitMax);
            Assert.Equal((DrainPhase.Drained, 1, 0), (report.Phase, report.Completed, report.Aborted));
        }
    }

    /// <summary>Listens where the node did.</summary>
    internal static Socket Take(IPEndPoint endPoint)
    {
        Socket taker = new(SocketType.Stream, ProtocolType.Tcp);
        taker.Bind(endPoint);
        taker.Listen();
        return taker;
    }

    private static Task<AdminSite> StartAsync() => AdminSite.StartAsync(configure: TestApplication.Kestrel(static kestrel =>
    {
        kestrel.Listen(IPAddress.Loopback, 0);
        kestrel.Listen(IPAddress.Loopback, 0);
    }));

    // The node has two ports, and one of them is taken.
    private static async Task AssertRefusedAsync(AdminSite site, int which, string phase)
    {
        var before = await site.ReadAsync("/api/status");
        var (taken, free) = (EndPoint(site, which), EndPoint(site, 1 - which));
        using var taker = Take(taken);

        using var refused = await site.PostAsync("/api/resume");
        using var again = await site.PostAsync("/api/resume");

        await refused.ProblemAsync(409, "The ports cannot be opened", taken.ToString(), "in use");
        await again.ProblemAsync(409, taken.ToString());
        var after = await site.ReadAsync("/api/status");
        Assert.Equal((phase, phase), (before.Text("phase"), after.Text("phase")));
        Assert.Equal((false, false), (after.GetProperty("accepting").GetBoolean(), after.GetProperty("ready").GetBoolean()));
        Assert.Equal(before.GetProperty("connections").GetRawText(), after.GetProperty("connections").GetRawText());
        using var ready = await site.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        // The other port is not left open, and the taker keeps what it has.
        await TestApplication.AssertRefusesAsync(free);
        await using var visitor = await RawClient.ConnectAsync(taken);
        using var accepted = await taker.AcceptAsync();
        Assert.True(accepted.Connected);
    }

    private static async Task AssertResumesAsync(AdminSite site)
    {
        using var resumed = await site.PostAsync("/api/resume");
        Assert.Equal("Serving", (await resumed.JsonAsync(HttpStatusCode.OK)).Text("phase"));
        foreach (var address in site.Applications)
        {
            await using var client = await RawClient.ConnectAsync(address);
            Assert.False((await client.GetAsync("/hello")).AnnouncesClose);
            Assert.Equal("hello", (await client.GetAsync("/hello")).Body);
        }
    }

    private static IPEndPoint EndPoint(AdminSite site, int which)
        => new(IPAddress.Loopback, site.Applications[which].Port);
}
