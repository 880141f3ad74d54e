using System.Text.Json;
using ActorServer.EndToEnd.Tests.Admin;

namespace ActorServer.EndToEnd.Tests.HostProcess;

/// <summary>The host's access log, as an operator finds it.</summary>
public sealed class AccessLogFileSpecs : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("access-log-");

    private string Current => Path.Combine(_folder.FullName, "logs", "access.log");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task The_line_of_the_last_request_is_in_the_file_after_the_exit()
    {
        await using var host = await RunningHost.StartAsync(
            [.. RunningHost.AnyPort, .. RunningHost.Swift, $"--ActorServer:AccessLog:Path={Current}"]);
        await using var client = await host.ConnectAsync();
        await client.GetAsync("/panic");
        await using (var other = await host.ConnectAsync())
        {
            await other.SendGetAsync("/panic-late");
            await other.ReadEndAsync();
        }

        await client.SendGetAsync("/slow?ms=500", "X-Request-Id: the-last\r\n");
        await host.CountAsync("active", 1);
        await host.SignalAsync("TERM");
        var last = await client.ReadResponseAsync();
        Assert.Equal(0, await host.ExitAsync());

        Assert.Equal((200, true), (last.Status, last.AnnouncesClose));
        var lines = File.ReadLines(Current).Select(l => JsonElement.Parse(l)).ToList();
        Assert.Equal(
            [("/panic", 500, "Failed"), ("/panic-late", 200, "FailedLate"), ("/slow?ms=500", 200, "Completed")],
            lines.Select(l => (l.Text("target"), l.Number("status"), l.Text("outcome"))));
        Assert.Equal("the-last", lines[^1].Text("requestId"));
    }

    [Fact]
    public async Task The_status_counts_its_lines_and_without_a_file_they_are_in_the_hosts_log()
    {
        await using var host = await RunningHost.StartAsync([.. RunningHost.AnyPort, .. RunningHost.Swift]);
        await using var client = await host.ConnectAsync();

        await client.GetAsync("/hello");
        await host.UntilAsync("/api/status", s => s.GetProperty("accessLog").Number("written") == 1);
        await client.GetAsync("/limited?ms=60000");
        var status = await host.UntilAsync("/api/status", s => s.GetProperty("accessLog").Number("written") == 2);

        Assert.Equal(["written", "dropped"], status.GetProperty("accessLog").Names());
        Assert.Equal(0, status.GetProperty("accessLog").Number("dropped"));
        await host.Output.LineAsync("\"target\":\"/hello\"");
        await host.Output.LineAsync("\"outcome\":\"TimedOut\"");
    }

    [Fact]
    public async Task A_bad_path_stops_the_start_with_a_sentence()
    {
        await using var host = RunningHost.Start(
            [.. RunningHost.AnyPort, $"--ActorServer:AccessLog:Path={Path.Combine("/proc", "access.log")}"]);

        Assert.Equal(64, await host.ExitAsync());
        Assert.Contains("ActorServer:AccessLog:Path", host.Output.Errors, StringComparison.Ordinal);
    }
}
