using System.Diagnostics;
using System.Reflection;

namespace ActorServer.Cli.Tests.Support;

/// <summary>A program of this repository as a process of its own.</summary>
internal sealed class RunningProgram : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Lines _output = new();

    private RunningProgram(string program, IEnumerable<string> args)
    {
        ProcessStartInfo start = new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [program, .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Only what a test says counts: not what is set where it happens to run.
        foreach (var name in start.Environment.Keys.Where(IsSetting).ToList())
        {
            start.Environment.Remove(name);
        }

        _process = new() { StartInfo = start };
        _process.OutputDataReceived += (_, line) => _output.WriteLine(line.Data);
        _process.ErrorDataReceived += (_, line) => _output.WriteLine(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>The tool in its own folder: beside the tests lies what they need, not what it needs.</summary>
    public static string ActorctlPath
    {
        get
        {
            DirectoryInfo tests = new(AppContext.BaseDirectory);
            return Path.Combine(tests.Parent!.Parent!.FullName, "ActorServer.Cli", tests.Name, "actorctl.dll");
        }
    }

    public string Output => _output.Text;

    /// <summary>A node on free ports.</summary>
    public static RunningProgram Host(params IEnumerable<string> args)
        => new(
            typeof(RunningProgram).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "HostProgram").Value!,
            [
                "--urls=http://127.0.0.1:0", "--ActorServer:Admin:Url=http://127.0.0.1:0", "--ActorServer:Cluster:Port=0",
                "--ActorServer:Drain:LameDuck=0", "--ActorServer:Drain:Spread=0", .. args,
            ]);

    /// <summary>The tool.</summary>
    public static RunningProgram Actorctl(params IEnumerable<string> args) => new(ActorctlPath, args);

    public Task SaysAsync(string text) => _output.HasAsync(text).WaitAsync(Run.WaitMax);

    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Run.WaitMax);
        return _process.ExitCode;
    }

    /// <summary>Ends it without a word.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Ctrl+C.</summary>
    public async Task InterruptAsync()
    {
        using var kill = Process.Start("kill", ["-INT", $"{_process.Id}"]);
        await kill.WaitForExitAsync().WaitAsync(Run.WaitMax);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        await _output.DisposeAsync();
    }

    private static bool IsSetting(string name)
        => name.StartsWith("ACTORCTL_", StringComparison.OrdinalIgnoreCase) || name.StartsWith("ActorServer", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("ASPNETCORE_", StringComparison.OrdinalIgnoreCase) || name.StartsWith("DOTNET_ENVIRONMENT", StringComparison.OrdinalIgnoreCase);
}
