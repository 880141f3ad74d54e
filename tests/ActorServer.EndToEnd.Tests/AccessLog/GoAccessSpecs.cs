using System.Diagnostics;
using System.Text.Json;
using ActorServer.EndToEnd.Tests.Admin;
using ActorServer.TestKit;

namespace ActorServer.EndToEnd.Tests.AccessLog;

/// <summary>A tool that many people read their logs with reads ours.</summary>
public sealed class GoAccessSpecs
{
    [GoAccessFact]
    public async Task GoAccess_takes_every_combined_line()
    {
        var folder = Directory.CreateTempSubdirectory("access-log-");
        var path = Path.Combine(folder.FullName, "access.log");
        await using var server = await TestApplication.StartAsync(
            configure: builder => AccessSite.Enable(builder, ("Path", path), ("Format", "Combined")));
        await using (var client = await RawClient.ConnectAsync(server.Address))
        {
            foreach (var headers in (string[])["", "User-Agent: a \"quoted\" \\ agent\r\n", "Referer: http://x/\"y\r\n", "User-Agent: \xc3\xa4\r\n"])
            {
                await client.GetAsync("/hello?a=%22b%22", headers);
                await client.GetAsync("/nowhere", headers);
            }

            // Refused: nothing of it can be read.
            await client.SendAsync("rubbish\r\n\r\n");
            await client.ReadEndAsync();
        }

        await server.StopAsync();

        var report = Path.Combine(folder.FullName, "report.json");
        using var goaccess = Process.Start(new ProcessStartInfo(GoAccessFactAttribute.Program!)
        {
            ArgumentList = { path, "--log-format=COMBINED", "--no-global-config", "-o", report },
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        })!;
        goaccess.StandardInput.Close();
        await Task.WhenAll(goaccess.StandardOutput.ReadToEndAsync(), goaccess.StandardError.ReadToEndAsync(), goaccess.WaitForExitAsync())
            .WaitAsync(TimeSpan.FromSeconds(30));
        var general = JsonElement.Parse(await File.ReadAllTextAsync(report)).GetProperty("general");
        Assert.Equal([9, 9, 0], general.Numbers("total_requests", "valid_requests", "failed_requests"));
        folder.Delete(recursive: true);
    }
}

/// <summary>A test that needs GoAccess: it fails without it where the variable CI is set, and is left out elsewhere.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class GoAccessFactAttribute : FactAttribute
{
    public GoAccessFactAttribute()
    {
        if (Program is null && Environment.GetEnvironmentVariable("CI") is null)
        {
            Skip = "There is no GoAccess on the PATH: apt-get install goaccess.";
        }
    }

    public static string? Program { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "goaccess")).FirstOrDefault(File.Exists);
}
