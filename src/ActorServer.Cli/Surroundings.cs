namespace ActorServer.Cli;

/// <summary>What the program finds around it; a test brings its own.</summary>
/// <param name="Variable">The environment's variables.</param>
/// <param name="Out">Where answers go.</param>
/// <param name="Error">Where sentences about failures go.</param>
/// <param name="IsTerminal">A person looks at <paramref name="Out"/>.</param>
/// <param name="Time">The clock.</param>
internal sealed record Surroundings(
    Func<string, string?> Variable, TextWriter Out, TextWriter Error, bool IsTerminal, TimeProvider Time)
{
    /// <summary>Colours, borders and what moves; https://no-color.org.</summary>
    public bool IsRich
        => IsTerminal && string.IsNullOrEmpty(Variable("NO_COLOR")) && Variable("TERM") != "dumb";

    /// <summary>Those of this process.</summary>
    public static Surroundings OfProcess()
        => new(Environment.GetEnvironmentVariable, StandardOutput.OfProcess(), Console.Error, !Console.IsOutputRedirected, TimeProvider.System);
}
