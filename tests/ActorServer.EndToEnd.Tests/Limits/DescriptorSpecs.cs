using ActorServer.EndToEnd.Tests.Admin;
using ActorServer.EndToEnd.Tests.HostProcess;
using ActorServer.TestKit;

namespace ActorServer.EndToEnd.Tests.Limits;

/// <summary>A process that may not open any more files: nobody comes in, nobody is cut off, and it goes on when there are some.</summary>
public sealed class DescriptorSpecs
{
    // More than the host has of its own, and fewer than it has with all the clients.
    private const int Files = 500;
    private const int Clients = Files + 50;

    [Fact]
    [Trait("Conformance", "42")]
    public async Task When_no_more_files_can_be_opened_those_that_are_in_are_served_and_those_outside_are_when_some_have_gone()
    {
        await using var host = await RunningHost.StartWithFilesAsync(Files, [.. RunningHost.AnyPort, .. RunningHost.Swift]);
        await using var old = await host.ConnectAsync();
        Assert.Equal(200, (await old.GetAsync("/hello")).Status);
        Stack<RawClient> crowd = [];
        for (var i = 0; i < Clients; i++)
        {
            crowd.Push(await host.ConnectAsync());
        }

        var said = await host.Output.LineAsync("No connection can be accepted: ");

        Assert.Contains("Too many open files", said, StringComparison.Ordinal);
        Assert.Equal(200, (await old.GetAsync("/hello")).Status);
        // The last in line is known to the kernel only.
        var late = crowd.Pop();
        await late.SendGetAsync("/hello");
        Assert.InRange((await host.ReadAsync("/api/status")).GetProperty("connections").Number("total"), 2, Files);

        while (crowd.TryPop(out var client))
        {
            await client.DisposeAsync();
        }

        Assert.Equal(200, (await late.ReadResponseAsync()).Status);
        Assert.Equal(200, (await old.GetAsync("/hello")).Status);
        await late.DisposeAsync();
        // None was forgotten: all were let in, and went.
        await host.UntilAsync("/api/status", s => s.GetProperty("totals").Number("accepted") == Clients + 1);
        Assert.Single(host.Output.Lines, l => l.Contains("No connection can be accepted", StringComparison.Ordinal));
        await host.SignalAsync("TERM");
        Assert.Equal((0, ""), (await host.ExitAsync(), host.Output.Errors));
    }
}
