using System.Diagnostics;
using ActorServer.Cli.Tests.Support;

namespace ActorServer.Cli.Tests;

public sealed class CompletionSpecs
{
    [Theory]
    [InlineData("actorctl dr", "drain")]
    [InlineData("actorctl drain --bud", "--budget")]
    [InlineData("actorctl connections --state ", "Upgraded")]
    [InlineData("actorctl completion f", "fish")]
    public async Task The_program_is_asked_what_fits(string line, string completion)
    {
        var run = await Run.ExpectAsync(ExitCode.Done, $"[suggest:{line.Length}]", line);

        Assert.Contains(completion, run.Out.Split(Environment.NewLine));
    }

    [Theory]
    [InlineData("bash", "complete ")]
    [InlineData("zsh", "compdef ")]
    [InlineData("fish", "complete -c actorctl")]
    [InlineData("pwsh", "Register-ArgumentCompleter")]
    public async Task Each_shell_has_a_script_that_asks_it(string shell, string registration)
    {
        var script = (await Run.ExpectAsync(ExitCode.Done, "completion", shell)).Out;

        Assert.Contains(registration, script, StringComparison.Ordinal);
        Assert.Contains("[suggest:", script, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bash_completes_with_its_script()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var script = (await Run.ExpectAsync(ExitCode.Done, "completion", "bash")).Out;
        var program = Path.Combine(AppContext.BaseDirectory, "actorctl.dll");
        // What bash does at a press of the tab key.
        var tab = $$"""
            actorctl() { "{{Environment.ProcessPath}}" exec "{{program}}" "$@"; }
            {{script}}
            COMP_LINE="actorctl su" COMP_POINT=11 COMP_WORDS=(actorctl su) COMP_CWORD=1
            _actorctl
            echo "${COMPREPLY[*]}"
            """;
        ProcessStartInfo start = new("bash", ["--norc", "-c", tab]) { RedirectStandardOutput = true };
        using var bash = Process.Start(start)!;

        Assert.Equal("suspend", (await bash.StandardOutput.ReadToEndAsync().WaitAsync(Run.WaitMax)).Trim());
        await bash.WaitForExitAsync().WaitAsync(Run.WaitMax);
    }
}
