using System.Globalization;
using System.Text.Json;
using ActorServer.EndToEnd.Tests.Admin;
using ActorServer.Kestrel;
using ActorServer.TestKit;

namespace ActorServer.EndToEnd.Tests.AccessLog;

/// <summary>The file: appended to, rolled, kept in number, made anew.</summary>
public sealed class FileSpecs : IDisposable
{
    private const int SizeMax = 100;
    private const int FilesMax = 3;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("access-log-");
    private readonly Calendar _time = new() { Now = new(2026, 11, 23, 23, 59, 0, TimeSpan.Zero) };

    private string Current => Path.Combine(_folder.FullName, "access.log");

    private IEnumerable<string> Names => _folder.EnumerateFiles().Select(f => f.Name).Order(StringComparer.Ordinal);

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task The_last_requests_line_is_there_after_the_stop()
    {
        await using var server = await StartAsync();
        await using var client = await RawClient.ConnectAsync(server.Address);
        for (var i = 0; i < 100; i++)
        {
            await client.GetAsync($"/hello?{i}");
        }

        await server.StopAsync();

        Assert.Equal(
            Enumerable.Range(0, 100).Select(i => $"/hello?{i}"),
            File.ReadLines(Current).Select(l => JsonElement.Parse(l).Text("target")));
    }

    [Fact]
    public async Task A_second_run_appends()
    {
        foreach (var run in (string[])["first", "second"])
        {
            await using var server = await StartAsync();
            await using var client = await RawClient.ConnectAsync(server.Address);
            await client.GetAsync($"/hello?{run}");
            await server.StopAsync();
        }

        Assert.Equal(["/hello?first", "/hello?second"], File.ReadLines(Current).Select(l => JsonElement.Parse(l).Text("target")));
    }

    [Fact]
    public async Task Two_nodes_at_a_time_lose_no_line_of_each_other()
    {
        await using var one = await StartAsync();
        await using var two = await StartAsync();
        await using var first = await RawClient.ConnectAsync(one.Address);
        await using var second = await RawClient.ConnectAsync(two.Address);
        for (var i = 0; i < 50; i++)
        {
            await first.GetAsync($"/hello?one{i}");
            await second.GetAsync($"/hello?two{i}");
        }

        await one.StopAsync();
        await two.StopAsync();

        var targets = File.ReadLines(Current).Select(l => JsonElement.Parse(l).Text("target")!).ToList();
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"/hello?one{i}"), targets.Where(t => t.Contains("one", StringComparison.Ordinal)));
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"/hello?two{i}"), targets.Where(t => t.Contains("two", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_path_that_cannot_be_written_stops_the_start()
    {
        Directory.CreateDirectory(Current);

        var exception = await Assert.ThrowsAsync<IOException>(StartAsync);

        Assert.Contains("ActorServer:AccessLog:Path", exception.Message, StringComparison.Ordinal);
        Assert.Contains(Current, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_set_aside_when_it_would_be_too_large_and_the_oldest_go()
    {
        using var file = Open();
        for (var i = 0; i < 12; i++)
        {
            file.Write(Line(i));
        }

        // Two lines of forty bytes fit into a hundred: six files, of which the current one and three are kept.
        Assert.Equal(
            ["access-20261123-3.log", "access-20261123-4.log", "access-20261123-5.log", "access.log"], Names);
        Assert.Equal(Text(4) + Text(5), File.ReadAllText(Path.Combine(_folder.FullName, "access-20261123-3.log")));
        Assert.Equal(Text(10) + Text(11), File.ReadAllText(Current));
    }

    [Fact]
    public void It_is_set_aside_when_another_day_begins()
    {
        using var file = Open();
        file.Write(Line(1));
        _time.Now += TimeSpan.FromMinutes(2);
        file.Write(Line(2));

        Assert.Equal(["access-20261123-1.log", "access.log"], Names);
        Assert.Equal(Text(2), File.ReadAllText(Current));
    }

    [Fact]
    public void One_of_an_earlier_day_that_a_run_has_left_is_set_aside()
    {
        File.WriteAllText(Current, Text(1));
        File.SetLastWriteTimeUtc(Current, new DateTime(2026, 11, 20, 12, 0, 0, DateTimeKind.Utc));
        using var file = Open();

        file.Write(Line(2));

        Assert.Equal(["access-20261120-1.log", "access.log"], Names);
    }

    [Fact]
    public void Files_of_others_are_left_alone()
    {
        foreach (var name in (string[])["access-2026112-1.log", "access-20261101-1.log.gz", "other-20261101-1.log", "access-20269999-1.log"])
        {
            File.WriteAllText(Path.Combine(_folder.FullName, name), "others'");
        }

        using var file = Open();
        for (var i = 0; i < 20; i++)
        {
            file.Write(Line(i));
        }

        Assert.Equal(4 + FilesMax + 1, Names.Count());
    }

    [Fact]
    public void One_that_was_taken_away_is_made_anew()
    {
        using var file = Open();
        file.Write(Line(1));
        File.Move(Current, Current + ".taken");
        file.Write(Line(2));

        Assert.Equal(Text(1), File.ReadAllText(Current + ".taken"));
        Assert.Equal(Text(2), File.ReadAllText(Current));
    }

    [Fact]
    public void One_that_was_emptied_is_written_from_its_beginning()
    {
        using var file = Open();
        file.Write(Line(1));
        File.WriteAllText(Current, "");
        file.Write(Line(2));

        Assert.Equal(Text(2), File.ReadAllText(Current));
    }

    [Fact]
    public void Each_file_has_its_head()
    {
        using var file = Open("#head\n"u8.ToArray());
        for (var i = 0; i < 5; i++)
        {
            file.Write(Line(i));
        }

        Assert.All(_folder.EnumerateFiles(), f => Assert.StartsWith("#head\n", File.ReadAllText(f.FullName), StringComparison.Ordinal));
    }

    [Fact]
    public void A_device_is_written_to_and_never_moved()
    {
        using RollingFile file = new("/dev/null", SizeMax, FilesMax, default, _time);
        file.Open();
        file.Write(new byte[1000]);
        _time.Now += TimeSpan.FromDays(1);
        file.Write(new byte[1000]);

        Assert.True(File.Exists("/dev/null"));
    }

    [Fact]
    public async Task A_pipe_is_written_to_as_its_reader_reads()
    {
        using (var make = System.Diagnostics.Process.Start("/bin/sh", ["-c", $"mkfifo '{Current}'"]))
        {
            await make.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        }

        // Both ends at once: opening one waits for the other.
        using FileStream reader = new(Current, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        using var file = Open();
        file.Write(Line(1));
        file.Write(Line(2));

        var lines = new byte[80];
        await reader.ReadExactlyAsync(lines).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(Text(1) + Text(2), System.Text.Encoding.ASCII.GetString(lines));
    }

    private static string Text(int number) => string.Create(CultureInfo.InvariantCulture, $"{number,39}\n");

    private static byte[] Line(int number) => System.Text.Encoding.ASCII.GetBytes(Text(number));

    private RollingFile Open(byte[]? header = null)
    {
        RollingFile file = new(Current, SizeMax, FilesMax, header, _time);
        file.Open();
        return file;
    }

    private Task<StartedServer> StartAsync()
        => TestApplication.StartAsync(configure: builder => AccessSite.Enable(builder, ("Path", Current)));

    private sealed class Calendar : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
