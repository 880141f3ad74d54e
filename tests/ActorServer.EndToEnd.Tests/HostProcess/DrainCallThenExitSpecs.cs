using System.Net;
using System.Net.Sockets;
using ActorServer.EndToEnd.Tests.Admin;

namespace ActorServer.EndToEnd.Tests.HostProcess;

public sealed class DrainCallThenExitSpecs
{
    [Fact]
    [Trait("Conformance", "71")]
    public async Task A_drain_by_call_leaves_the_process_up_to_be_looked_at_until_a_signal()
    {
        await using var host = await RunningHost.StartAsync([.. RunningHost.AnyPort, .. RunningHost.Swift]);
        await using var client = await host.ConnectAsync();
        await client.SendAsync("POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6\r\n\r\nabc");
        await host.CountAsync("active", 1);

        using var accepted = await host.PostAsync("/api/drain", """{"reason":"release 12"}""");
        await host.ReachAsync("Draining");
        await client.SendAsync("def");
        var response = await client.ReadResponseAsync();
        var status = await host.ReachAsync("Drained");
        var drain = await host.ReadAsync("/api/drain");
        using var live = await host.GetAsync("/livez");
        using var ready = await host.GetAsync("/readyz");

        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        Assert.True(response.AnnouncesClose);
        Assert.Equal(("Api", "release 12"), (drain.Text("trigger"), drain.Text("reason")));
        Assert.Equal([1, 0, 1, 0], drain.Numbers("initial", "closed", "completed", "aborted"));
        Assert.False(status.GetProperty("accepting").GetBoolean());
        Assert.Equal((200, 503), ((int)live.StatusCode, (int)ready.StatusCode));
        await Assert.ThrowsAnyAsync<SocketException>(host.ConnectAsync);
        Assert.False(host.HasExited);

        await host.SignalAsync("TERM");
        Assert.Equal(0, await host.ExitAsync());
    }

    [Fact]
    public async Task A_drain_that_aborted_shows_in_the_exit_code()
    {
        await using var host = await RunningHost.StartAsync([.. RunningHost.AnyPort, .. RunningHost.Swift]);
        await using var client = await host.ConnectAsync();
        await client.SendGetAsync("/slow?ms=3600000");
        await host.CountAsync("active", 1);

        using var accepted = await host.PostAsync("/api/drain", """{"budget":"0"}""");
        await host.ReachAsync("Drained");
        await host.SignalAsync("TERM");

        Assert.Equal(1, await host.ExitAsync());
    }

    [Fact]
    [Trait("Conformance", "68")]
    public async Task A_signal_joins_a_drain_that_runs_and_keeps_the_earlier_deadline()
    {
        await using var host = await RunningHost.StartAsync(
            [.. RunningHost.AnyPort, .. RunningHost.Swift, "--ActorServer:Drain:Budget=1s"]);
        await using var client = await host.ConnectAsync();
        await client.SendGetAsync("/slow?ms=3600000");
        await host.CountAsync("active", 1);

        using var accepted = await host.PostAsync("/api/drain", """{"budget":"infinite"}""");
        await host.ReachAsync("Draining");
        await host.SignalAsync("TERM");

        Assert.Equal(1, await host.ExitAsync());
        await host.Output.LineAsync("Drain 1 joined by Signal (SIGTERM)");
    }

    [Fact]
    [Trait("Conformance", "82")]
    public async Task A_node_that_was_drained_and_resumed_serves_and_drains_again()
    {
        await using var host = await RunningHost.StartAsync([.. RunningHost.AnyPort, .. RunningHost.Swift]);
        using var drained = await host.PostAsync("/api/drain");
        await host.ReachAsync("Drained");

        using var resumed = await host.PostAsync("/api/resume");
        await using var client = await host.ConnectAsync();
        var response = await client.GetAsync("/hello");

        Assert.Equal(HttpStatusCode.OK, resumed.StatusCode);
        Assert.Equal((200, "hello", false), (response.Status, response.Body, response.AnnouncesClose));
        await host.SignalAsync("TERM");
        Assert.Equal(0, await host.ExitAsync());
        await host.Output.LineAsync("Drain 2 ended");
    }
}
