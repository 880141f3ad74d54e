using System.Diagnostics;

namespace ActorServer.Cli.Tests.Support;

/// <summary>The tool as a process, on a terminal that is one to the system too.</summary>
internal sealed class TerminalRun : IDisposable
{
    public const int Columns = 60;

    private readonly Process _script;
    private readonly Lines _raw = new();
    private readonly Task _reading;

    private TerminalRun(string environment, IEnumerable<string> args)
    {
        var command = string.Join(' ', args.Select(static a => $"'{a}'"));
        ProcessStartInfo start = new(
            "script",
            [
                "--quiet", "--return", "--command",
                $"stty cols {Columns} rows 24; {environment} exec '{Environment.ProcessPath}' exec '{RunningProgram.ActorctlPath}' {command}", "/dev/null",
            ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["TERM"] = "xterm-256color";
        start.Environment.Remove("NO_COLOR");
        _script = Process.Start(start)!;
        _reading = ReadAsync();
    }

    public TestTerminal Terminal { get; } = new(Columns);

    /// <summary>All that was written.</summary>
    public string Raw => _raw.Text;

    public static TerminalRun Start(params IEnumerable<string> args) => new("", args);

    public static TerminalRun StartWith(string environment, params IEnumerable<string> args) => new(environment, args);

    public async Task SaysAsync(string text)
    {
        var has = _raw.HasAsync(text);
        // What cannot be read, or ends, says no more.
        var first = await Task.WhenAny(has, _reading).WaitAsync(Run.WaitMax);
        await first;
        Assert.True(first == has || Raw.Contains(text, StringComparison.Ordinal), Raw);
    }

    /// <summary>Presses Ctrl+C.</summary>
    public void Interrupt()
    {
        _script.StandardInput.Write('\u0003');
        _script.StandardInput.Flush();
    }

    public async Task<int> ExitAsync()
    {
        await _script.WaitForExitAsync().WaitAsync(Run.WaitMax);
        await _reading.WaitAsync(Run.WaitMax);
        return _script.ExitCode;
    }

    public void Dispose()
    {
        if (!_script.HasExited)
        {
            _script.Kill(entireProcessTree: true);
        }

        _script.Dispose();
        _raw.Dispose();
    }

    private async Task ReadAsync()
    {
        var buffer = new char[4096];
        while (await _script.StandardOutput.ReadAsync(buffer) is var length and > 0)
        {
            Terminal.Write(buffer.AsSpan(0, length));
            _raw.Write(new string(buffer, 0, length));
        }
    }
}
