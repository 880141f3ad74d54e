using System.Net;
using System.Net.Sockets;
using ActorServer.Actors;
using ActorServer.Cli.Tests.Support;
using ActorServer.Core;
using Microsoft.Extensions.Time.Testing;

namespace ActorServer.Cli.Tests;

/// <summary>A node that does not answer: why, as far as can be found out, within the time limit.</summary>
public sealed class UnreachableSpecs
{
    [Fact]
    public async Task Where_nobody_listens_it_says_so_before_the_time_is_up()
    {
        string at;
        using (TcpListener free = new(IPAddress.Loopback, 0))
        {
            free.Start();
            at = free.LocalEndpoint.ToString()!;
        }

        var run = await Run.ExpectAsync(ExitCode.Refused, "--node", at, "--timeout", "1h", "status");

        Assert.Contains($"akka.tcp://ActorServer@{at} cannot be reached", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_something_listens_that_says_nothing_the_time_limit_holds_for_all_of_it()
    {
        using TcpListener silent = new(IPAddress.Loopback, 0);
        silent.Start();
        FakeTimeProvider time = new(TimeProvider.System.GetUtcNow());
        var run = Run.Start(time, "--node", silent.LocalEndpoint.ToString()!, "--timeout", "5s", "status");

        using var asked = await silent.AcceptSocketAsync().WaitAsync(Run.WaitMax);
        time.Advance(TimeSpan.FromSeconds(3));
        using var doubted = await silent.AcceptSocketAsync().WaitAsync(Run.WaitMax);
        await doubted.ReceiveAsync(new byte[1]).WaitAsync(Run.WaitMax);
        time.Advance(TimeSpan.FromSeconds(2));

        await run.EndAsync(ExitCode.Refused);
        Assert.Contains("does not answer as akka.tcp://ActorServer@", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_packets_are_dropped_nothing_answers()
    {
        // What finds the queue of a socket full is dropped.
        using Socket deaf = new(SocketType.Stream, ProtocolType.Tcp);
        deaf.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        deaf.Listen(0);
        using Socket first = new(SocketType.Stream, ProtocolType.Tcp);
        await first.ConnectAsync(deaf.LocalEndPoint!).WaitAsync(Run.WaitMax);

        var run = await Run.ExpectAsync(
            ExitCode.Refused, "--node", $"127.0.0.1:{((IPEndPoint)deaf.LocalEndPoint!).Port}", "--timeout", "500ms", "status");

        Assert.Contains("cannot be reached: nothing answers there.", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_speaks_HTTP_is_called_that()
    {
        using TcpListener web = new(IPAddress.Loopback, 0);
        web.Start();
        var at = web.LocalEndpoint.ToString()!;
        var serving = ServeAsync(web);

        var run = await Run.ExpectAsync(ExitCode.Refused, "--node", at, "status");

        web.Stop();
        await serving.WaitAsync(Run.WaitMax);
        Assert.Contains($"{at} speaks HTTP: give the port of the node's remoting", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_means_nothing_is_told()
    {
        var run = await Run.ExpectAsync(ExitCode.Refused, "--node", "no-such-host.invalid", "status");

        Assert.Contains("akka.tcp://ActorServer@no-such-host.invalid:4053 cannot be reached", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_is_not_the_actor_systems_is_pointed_at()
    {
        await using TestNode node = new();

        var run = await Run.ExpectAsync(ExitCode.Refused, "--node", $"akka.tcp://Another@{node.At}", "--timeout", "500ms", "status");

        Assert.Contains($"does not answer as akka.tcp://Another@{node.At}", run.Error, StringComparison.Ordinal);
        Assert.Contains("the name that of its actor system", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_goes_while_it_drains_is_lost()
    {
        TestNode node = new();
        await using var held = node;
        await node.AcceptBusyAsync();
        var run = node.Start("drain", "--wait", "--budget", "infinite");
        await run.SaysAsync("Draining");

        await node.DisposeAsync();

        await run.EndAsync(ExitCode.Refused);
        Assert.Contains(node.At, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_thinks_for_long_is_told_from_one_that_is_not_there()
    {
        await using TestNode node = new(hooks: [new Thinker()]);

        var run = await node.RunAsync(ExitCode.Refused, "--timeout", "1s", "drain");

        Assert.Contains("web-1 is there, but did not answer within 1s", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_nobody_knows_is_refused()
    {
        await using TestNode node = new();

        var run = await node.RunAsync(ExitCode.Refused, "--on", "web-9", "status");

        Assert.Contains("web-1: No node web-9 is found; known here: web-1.", run.Error, StringComparison.Ordinal);
    }

    // As web servers do with what is no request.
    private static async Task ServeAsync(TcpListener web)
    {
        while (true)
        {
            try
            {
                using var client = await web.AcceptTcpClientAsync();
                await client.GetStream().ReadAtLeastAsync(new byte[4], 4, throwOnEndOfStream: false);
                await client.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"u8.ToArray());
            }
            catch (IOException)
            {
                // Whoever asked has gone.
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // The port has.
                return;
            }
        }
    }

    private sealed class Thinker : IDrainHook
    {
        public async Task<string?> OnDrainRequestedAsync(DrainRequest request, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return null;
        }
    }
}
