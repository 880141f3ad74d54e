using System.Diagnostics;
using System.Text.Json;

namespace ActorServer.DrainLab;

/// <summary>The operators' program, as they run it: a process for each verb.</summary>
internal static class Actorctl
{
    private static readonly string Program = Programs.PathOf("ActorServer.Cli", "actorctl");

    /// <summary>Runs a verb to its end.</summary>
    public static async Task<CtlEnd> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        ProcessStartInfo start = new(Programs.Dotnet) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments.Prepend(Program))
        {
            start.ArgumentList.Add(argument);
        }

        // Only what is said here counts: not what is set where it happens to run.
        foreach (var name in start.Environment.Keys.Where(static k => k.StartsWith("ACTORCTL_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException("actorctl does not start.");
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(CancellationToken.None), process.StandardError.ReadToEndAsync(CancellationToken.None));
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException exception)
        {
            process.Kill();
            throw new TimeoutException($"actorctl {string.Join(' ', arguments)} does not end: {await output}{await errors}", exception);
        }

        return new(string.Join(' ', arguments), process.ExitCode, await output, await errors);
    }
}

/// <summary>How a verb ended.</summary>
/// <param name="CommandLine">What was asked.</param>
/// <param name="Code">The exit code.</param>
/// <param name="Output">What it said.</param>
/// <param name="Errors">What it complained of.</param>
internal sealed record CtlEnd(string CommandLine, int Code, string Output, string Errors)
{
    /// <summary>What it said with <c>--json</c>.</summary>
    public JsonElement Json => JsonElement.Parse(Output);

    public override string ToString() => $"actorctl {CommandLine}: {Code}\n{Output}{Errors}";
}
