using System.Net.Sockets;
using ActorServer.EndToEnd.Tests.Admin;
using ActorServer.TestKit;

namespace ActorServer.EndToEnd.Tests.HostProcess;

public sealed class SignalSpecs
{
    [Fact]
    [Trait("Conformance", "22")]
    [Trait("Conformance", "32")]
    [Trait("Conformance", "61")]
    [Trait("Conformance", "62")]
    public async Task A_request_in_flight_is_answered_and_announces_the_close()
    {
        await using var host = await RunningHost.StartAsync([.. RunningHost.AnyPort, .. RunningHost.Swift]);
        await using var client = await host.ConnectAsync();
        await client.SendGetAsync("/slow?ms=3000");
        await host.CountAsync("active", 1);

        await host.SignalAsync("TERM");
        var response = await client.ReadResponseAsync();

        Assert.Equal((200, "slept 3000 ms\n", true), (response.Status, response.Body, response.AnnouncesClose));
        Assert.Equal(RawEnd.Closed, await client.ReadEndAsync());
        Assert.Equal(0, await host.ExitAsync());
        await host.Output.LineAsync("accepted from Signal (SIGTERM): 1 connections");
        await host.Output.LineAsync("0 closed, 1 completed, 0 aborted, 0 stragglers");
        Assert.Empty(host.Output.Errors);
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    [InlineData("QUIT")]
    [Trait("Conformance", "19")]
    [Trait("Conformance", "20")]
    public async Task Each_signal_drains_and_then_ends_the_process(string signal)
    {
        await using var host = await RunningHost.StartAsync([.. RunningHost.AnyPort, .. RunningHost.Swift]);
        await using var idle = await host.ConnectAsync();
        await idle.GetAsync("/hello");
        await using var client = await host.ConnectAsync();
        await client.SendAsync("POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6\r\n\r\nabc");
        await host.CountAsync("active", 1);

        await host.SignalAsync(signal);
        var status = await host.ReachAsync("Draining");
        // Quiet connections close once the ports are closed.
        Assert.Equal(RawEnd.Closed, await idle.ReadEndAsync());
        await Assert.ThrowsAnyAsync<SocketException>(host.ConnectAsync);
        await client.SendAsync("def");
        var response = await client.ReadResponseAsync();

        Assert.Equal("Signal", status.GetProperty("drain").Text("trigger"));
        Assert.False(status.GetProperty("accepting").GetBoolean());
        Assert.Equal((200, "6", true), (response.Status, response.Body, response.AnnouncesClose));
        Assert.Equal(0, await host.ExitAsync());
        await host.Output.LineAsync($"SIG{signal}: draining");
    }

    [Fact]
    [Trait("Conformance", "75")]
    public async Task A_second_signal_ends_a_long_drain_at_once()
    {
        await using var host = await RunningHost.StartAsync(
            [.. RunningHost.AnyPort, .. RunningHost.Swift, "--ActorServer:Drain:Budget=infinite"]);
        await using var client = await host.ConnectAsync();
        await client.SendGetAsync("/slow?ms=3600000");
        await host.CountAsync("active", 1);

        await host.SignalAsync("TERM");
        await host.ReachAsync("Draining");
        await host.SignalAsync("TERM");
        var end = await client.ReadEndAsync();

        Assert.Equal(RawEnd.Reset, end);
        Assert.Equal(1, await host.ExitAsync());
        Assert.Single(host.Output.Lines, l => l.Contains("SIGTERM: draining", StringComparison.Ordinal));
        Assert.Single(host.Output.Lines, l => l.Contains("SIGTERM again", StringComparison.Ordinal));
        await host.Output.LineAsync("0 completed, 1 aborted, 0 stragglers");
    }

    [Fact]
    [Trait("Conformance", "30")]
    [Trait("Conformance", "59")]
    [Trait("Conformance", "62")]
    public async Task The_deadline_cuts_what_is_left_so_that_its_client_can_tell()
    {
        await using var host = await RunningHost.StartAsync(
            [.. RunningHost.AnyPort, .. RunningHost.Swift, "--ActorServer:Drain:Budget=1s"]);
        await using var client = await host.ConnectAsync();
        await client.SendGetAsync("/stream?chunks=2&delayMs=3600000");
        await client.ReadUntilAsync("chunk 1 of 2\n\r\n");

        await host.SignalAsync("TERM");
        var end = await client.ReadEndAsync();

        Assert.Equal(RawEnd.Reset, end);
        Assert.Equal(1, await host.ExitAsync());
        await host.Output.LineAsync("aborting 1 connections");
        await host.Output.LineAsync("GET /stream");
        await host.Output.LineAsync("0 completed, 1 aborted, 0 stragglers");
    }

    [Fact]
    [Trait("Conformance", "83")]
    [Trait("Conformance", "85")]
    public async Task Balancers_hear_of_a_signal_while_everybody_is_still_served()
    {
        await using var host = await RunningHost.StartAsync(
        [
            .. RunningHost.AnyPort, .. RunningHost.Swift,
            "--ActorServer:Drain:LameDuck=1h", "--ActorServer:Drain:Budget=2h",
        ]);
        await using var old = await host.ConnectAsync();
        await old.GetAsync("/hello");

        await host.SignalAsync("TERM");
        await host.ReachAsync("LameDuck");
        using var admin = await host.GetAsync("/readyz");
        await using var balancer = await host.ConnectAsync();
        var ready = await balancer.GetAsync("/readyz");
        await using var young = await host.ConnectAsync();

        Assert.Equal((503, 503), ((int)admin.StatusCode, ready.Status));
        foreach (var client in (RawClient[])[old, young])
        {
            var served = await client.GetAsync("/hello");
            Assert.Equal((200, "hello", true), (served.Status, served.Body, served.AnnouncesClose));
            Assert.Equal(RawEnd.Closed, await client.ReadEndAsync());
        }

        await host.UntilAsync("/api/status", s => s.GetProperty("connections").Number("total") == 0);
        await host.SignalAsync("TERM");
        Assert.Equal(0, await host.ExitAsync());
    }

    [Fact]
    [Trait("Conformance", "73")]
    public async Task A_signal_that_comes_while_it_starts_ends_it()
    {
        await using var host = RunningHost.Start([.. RunningHost.AnyPort, .. RunningHost.Swift]);

        // The admin side listens first; the application does not serve yet.
        await host.Output.LineAsync("Admin side listening on: ");
        await host.SignalAsync("TERM");

        Assert.Equal(0, await host.ExitAsync());
        Assert.Empty(host.Output.Errors);
    }

    [Fact]
    public async Task Signals_that_are_left_to_the_application_drain_it_as_a_stopping_host()
    {
        await using var host = await RunningHost.StartAsync(
            [.. RunningHost.AnyPort, .. RunningHost.Swift, "--ActorServer:Drain:HandleSignals=false"]);
        await using var client = await host.ConnectAsync();
        await client.SendAsync("POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6\r\n\r\nabc");
        await host.CountAsync("active", 1);

        await host.SignalAsync("TERM");
        var status = await host.ReachAsync("Draining");
        await client.SendAsync("def");
        var response = await client.ReadResponseAsync();

        Assert.Equal("Host", status.GetProperty("drain").Text("trigger"));
        Assert.Equal((200, "6", true), (response.Status, response.Body, response.AnnouncesClose));
        Assert.Equal(0, await host.ExitAsync());
    }

    [Fact]
    public async Task A_client_of_the_admin_side_that_never_finishes_does_not_hold_the_exit_up()
    {
        await using var host = await RunningHost.StartAsync([.. RunningHost.AnyPort, .. RunningHost.Swift]);
        await using var hostile = await RawClient.ConnectAsync(host.Admin);
        await hostile.SendAsync("GET /api/status HTTP/1.1\r\nHost: loc");

        await host.SignalAsync("TERM");

        Assert.Equal(0, await host.ExitAsync());
    }
}
