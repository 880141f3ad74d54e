using System.Text.RegularExpressions;
using ActorServer.Cli.Tests.Support;
using ActorServer.TestKit;

namespace ActorServer.Cli.Tests;

/// <summary>A wait for a drain that ends before the drain does; the host and actorctl are processes.</summary>
public sealed partial class WaitEndSpecs : IAsyncLifetime
{
    private readonly RunningProgram _host = RunningProgram.Host();
    private string _node = "";
    private RawClient _client = null!;

    public async Task InitializeAsync()
    {
        await _host.SaysAsync("Application started");
        _node = Node().Match(_host.Output).Groups["at"].Value;
        // The admin side listens first: the last one is the application.
        _client = await RawClient.ConnectAsync(new Uri(Application().Matches(_host.Output)[^1].Groups["url"].Value));
        await _client.SendGetAsync("/stream?chunks=10000&delayMs=1000");
        await _client.ReadUntilAsync("\r\n\r\n");
    }

    public async Task DisposeAsync()
    {
        await _client.DisposeAsync();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task A_node_that_dies_is_not_waited_for()
    {
        await using var actorctl = RunningProgram.Actorctl("drain", "--wait", "--node", _node, "--timeout", "2s");
        await actorctl.SaysAsync("1 of 1 connection left");

        _host.Kill();

        Assert.Equal(ExitCode.Refused, await actorctl.ExitAsync());
        await actorctl.SaysAsync($"actorctl: akka.tcp://ActorServer@{_node}");
    }

    [Fact]
    public async Task Ctrl_C_ends_the_wait_and_not_the_drain()
    {
        await using var actorctl = RunningProgram.Actorctl("drain", "--wait", "--budget", "infinite", "--node", _node);
        await actorctl.SaysAsync("1 of 1 connection left");

        await actorctl.InterruptAsync();

        Assert.Equal(ExitCode.Interrupted, await actorctl.ExitAsync());
        await actorctl.SaysAsync("goes on");
        using var status = await Run.ExpectAsync(ExitCode.Done, "status", "--json", "--node", _node);
        Assert.Equal("Draining", status.Json.GetProperty("phase").GetString());
    }

    [GeneratedRegex(@"tcp://ActorServer@(?<at>127\.0\.0\.1:[0-9]+)/user/actor-server", RegexOptions.ExplicitCapture)]
    private static partial Regex Node();

    [GeneratedRegex(@"Now listening on: (?<url>http://127\.0\.0\.1:[0-9]+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Application();
}
