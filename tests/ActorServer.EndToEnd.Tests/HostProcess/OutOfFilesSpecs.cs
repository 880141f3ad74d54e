using System.Globalization;
using ActorServer.EndToEnd.Tests.Admin;
using ActorServer.TestKit;

namespace ActorServer.EndToEnd.Tests.HostProcess;

/// <summary>A process that may not open any more files: it serves who is there, turns no processor hot, and goes on when it can.</summary>
public sealed class OutOfFilesSpecs
{
    private const int Files = 400;
    private const int Waiting = 10;

    // With as many connections gone there is room for those who wait.
    private const int Leaving = 30;

    private const string Said = "No connection can be accepted: Too many open files";

    [Fact]
    [Trait("Conformance", "42")]
    [Trait("Conformance", "43")]
    public async Task It_serves_those_who_are_there_and_the_others_as_soon_as_it_can()
    {
        await using var host = await RunningHost.StartWithFilesAsync(Files, [.. RunningHost.AnyPort, .. RunningHost.Swift]);
        await using var streaming = await host.ConnectAsync();
        var clients = await FillAsync(host);
        var waiting = await WaitAsync(host);

        // While it can accept nobody: not a tenth of what a loop would take.
        await streaming.SendGetAsync("/stream?chunks=40&delayMs=50");
        var share = await host.ProcessorShareAsync(() => streaming.ReadResponseAsync());
        Assert.True(share < 0.5, string.Create(CultureInfo.InvariantCulture, $"It took {share:P0} of a processor."));
        Assert.Equal("hello", (await clients[0].GetAsync("/hello")).Body);
        await host.UntilAsync("/api/status", s => s.GetProperty("connections").Number("total") == clients.Count + 1);
        Assert.Single(host.Output.Lines, l => l.Contains(Said, StringComparison.Ordinal));

        await LeaveAsync(clients[^Leaving..]);

        foreach (var client in waiting)
        {
            Assert.Equal("hello", (await client.ReadResponseAsync()).Body);
        }

        await LeaveAsync([.. clients[..^Leaving], .. waiting]);
    }

    [Fact]
    [Trait("Conformance", "42")]
    [Trait("Conformance", "99")]
    public async Task A_drain_meanwhile_serves_those_who_wait_and_ends_the_process_as_ever()
    {
        await using var host = await RunningHost.StartWithFilesAsync(
            Files, [.. RunningHost.AnyPort, .. RunningHost.Swift, "--ActorServer:Drain:LameDuck=500ms"]);
        var clients = await FillAsync(host);
        var waiting = await WaitAsync(host);

        await host.SignalAsync("TERM");

        foreach (var client in waiting)
        {
            var response = await client.ReadResponseAsync();
            Assert.Equal(("hello", true), (response.Body, response.AnnouncesClose));
        }

        Assert.Equal(0, await host.ExitAsync());
        await LeaveAsync([.. clients, .. waiting]);
    }

    // Connects, and is answered, until the host says that it can bear no more.
    private static async Task<List<RawClient>> FillAsync(RunningHost host)
    {
        var said = host.Output.LineAsync(Said);
        List<RawClient> clients = [];
        while (!said.IsCompleted)
        {
            var client = await host.ConnectAsync();
            await client.SendGetAsync("/hello");
            var response = client.ReadResponseAsync();
            if (await Task.WhenAny(response, said) == response)
            {
                Assert.Equal("hello", (await response).Body);
                clients.Add(client);
            }
            else
            {
                // It may have been the last to be let in, and nobody needs to know.
                await client.DisposeAsync();
                await Task.WhenAny(response);
            }
        }

        return clients;
    }

    private static async Task<List<RawClient>> WaitAsync(RunningHost host)
    {
        List<RawClient> waiting = [];
        for (var i = 0; i < Waiting; i++)
        {
            waiting.Add(await host.ConnectAsync());
            await waiting[^1].SendGetAsync("/hello");
        }

        return waiting;
    }

    private static async Task LeaveAsync(IEnumerable<RawClient> clients)
    {
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }
}
