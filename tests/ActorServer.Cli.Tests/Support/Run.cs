using System.Text.Json;

namespace ActorServer.Cli.Tests.Support;

/// <summary>One run of the program, in this process.</summary>
internal sealed class Run : IDisposable
{
    public static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(60);

    private readonly Lines _out = new();
    private readonly Lines _error = new();
    private readonly CancellationTokenSource _interrupt = new();
    private readonly Task<int> _exit;

    private Run(IReadOnlyList<string> args, Dictionary<string, string>? environment, bool isTerminal, TimeProvider? time = null)
    {
        Surroundings surroundings = new(
            name => environment?.GetValueOrDefault(name), _out, _error, isTerminal, time ?? TimeProvider.System);
        _exit = Actorctl.RunAsync(args, surroundings, _interrupt.Token);
    }

    public string Out => _out.Text;

    /// <summary>What went wrong: always one line.</summary>
    public string Error => Assert.Single(_error.Text.TrimEnd('\n').Split('\n'));

    public JsonElement Json => JsonElement.Parse(Out);

    public static Run Start(params IReadOnlyList<string> args) => new(args, null, isTerminal: false);

    /// <summary>Runs by another clock.</summary>
    public static Run Start(TimeProvider time, params IReadOnlyList<string> args) => new(args, null, isTerminal: false, time);

    /// <summary>Runs, and expects an exit code.</summary>
    public static Task<Run> ExpectAsync(int exitCode, params IReadOnlyList<string> args) => ExpectAsync(exitCode, args, null);

    public static async Task<Run> ExpectAsync(
        int exitCode, IReadOnlyList<string> args, Dictionary<string, string>? environment, bool isTerminal = false)
    {
        Run run = new(args, environment, isTerminal);
        await run.EndAsync(exitCode);
        return run;
    }

    public async Task EndAsync(int exitCode)
    {
        var actual = await _exit.WaitAsync(WaitMax);
        Assert.True(exitCode == actual, $"{actual} instead of {exitCode}: {_error.Text}{_out.Text}");
    }

    public void Dispose()
    {
        _interrupt.Dispose();
        _out.Dispose();
        _error.Dispose();
    }

    /// <summary>Ctrl+C.</summary>
    public Task InterruptAsync() => _interrupt.CancelAsync();

    /// <summary>Waits until it has written this.</summary>
    public Task SaysAsync(string text) => _out.HasAsync(text).WaitAsync(WaitMax);
}
