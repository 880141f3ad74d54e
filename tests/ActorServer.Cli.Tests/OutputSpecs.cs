using System.Diagnostics;
using ActorServer.Cli.Tests.Support;

namespace ActorServer.Cli.Tests;

/// <summary>What the program says goes nowhere; it is a process behind a shell.</summary>
public sealed class OutputSpecs
{
    private static readonly string Program = $"'{Environment.ProcessPath}' exec '{RunningProgram.ActorctlPath}'";

    [Fact]
    public async Task Whoever_reads_no_longer_ends_it_without_a_word()
    {
        // The reader has ended before there is anything to be read.
        var (exitCode, error) = await ShellAsync($"exec 3> >(exit 0); wait $!; {Program} --help >&3");

        Assert.Equal((ExitCode.Unread, ""), (exitCode, error));
    }

    [Fact]
    public async Task What_cannot_be_written_is_told_with_its_cause()
    {
        var (exitCode, error) = await ShellAsync($"{Program} completion bash >/dev/full");

        Assert.Equal((ExitCode.Unwritten, "actorctl: The answer cannot be written: No space left on device."), (exitCode, error));
    }

    [Fact]
    public async Task Several_write_to_one_file()
    {
        using TestFolder folder = new();

        await ShellAsync($"({Program} completion bash; {Program} completion fish) >{folder["both"]}");

        var both = await File.ReadAllTextAsync(folder["both"]);
        Assert.Contains("-F _actorctl actorctl", both, StringComparison.Ordinal);
        Assert.Contains("complete -c actorctl", both, StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Error)> ShellAsync(string script)
    {
        using var bash = Process.Start(new ProcessStartInfo("bash", ["--norc", "-c", script]) { RedirectStandardError = true })!;
        var error = await bash.StandardError.ReadToEndAsync().WaitAsync(Run.WaitMax);
        await bash.WaitForExitAsync().WaitAsync(Run.WaitMax);
        return (bash.ExitCode, error.Trim());
    }
}
