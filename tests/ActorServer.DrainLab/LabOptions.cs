using System.Globalization;

namespace ActorServer.DrainLab;

/// <summary>What was asked on the command line.</summary>
internal sealed record LabOptions
{
    public static string Usage { get; } = $"""
        Puts a server under load, stops it, and counts what its clients lost.

          --runs N             how many runs (1); mixes and triggers take turns
          --size small|large   how many clients (small)
          --mix NAME           only this mix: {string.Join(", ", Mix.All.Select(m => m.Name))}
          --trigger signal|api only this way of stopping (both, in turns)
          --lame-duck MS       the server's lame duck, in milliseconds (1000)
          --bare               a bare Kestrel instead of ActorServer
          --compare            a bare Kestrel beside ActorServer, N runs of each mix, as a Markdown table
          --fleet              a cluster of three nodes behind HAProxy, N rounds: each drained and resumed, told to leave and started,
                               stopped and started, by actorctl
          --partition          three nodes in networks of their own: two of them cut off from each other for half a minute

        Exit code: 0; 1 when ActorServer lost something or cut somebody; 64 for a command line that is not understood.
        """;

    public int Runs { get; init; } = 1;

    public Size Size { get; init; } = Size.Small;

    public IReadOnlyList<Mix> Mixes { get; init; } = Mix.All;

    public IReadOnlyList<Trigger> Triggers { get; init; } = [Trigger.Signal, Trigger.Api];

    public TimeSpan LameDuck { get; init; } = TimeSpan.FromSeconds(1);

    public bool IsBare { get; init; }

    public bool Compares { get; init; }

    public bool IsFleet { get; init; }

    public bool IsPartition { get; init; }

    /// <summary>Reads a command line.</summary>
    /// <returns>Null when it is not understood.</returns>
    public static LabOptions? Parse(string[] arguments)
    {
        LabOptions? options = new();
        Queue<string> words = new(arguments);
        while (options is not null && words.TryDequeue(out var word))
        {
            options = word switch
            {
                "--bare" => options with { IsBare = true, Triggers = [Trigger.Signal] },
                "--compare" => options with { Compares = true },
                "--partition" => options with { IsPartition = true },
                "--fleet" => options with { IsFleet = true },
                _ when words.TryDequeue(out var value) => options.With(word, value),
                _ => null,
            };
        }

        return options;
    }

    private LabOptions? With(string word, string value) => word switch
    {
        "--runs" when Number(value) is { } n => this with { Runs = n },
        "--lame-duck" when Number(value) is { } n => this with { LameDuck = TimeSpan.FromMilliseconds(n) },
        "--size" when value is "small" => this with { Size = Size.Small },
        "--size" when value is "large" => this with { Size = Size.Large },
        "--mix" when Mix.All.Any(m => m.Name == value) => this with { Mixes = [.. Mix.All.Where(m => m.Name == value)] },
        "--trigger" when Enum.TryParse<Trigger>(value, ignoreCase: true, out var trigger) => this with { Triggers = [trigger] },
        _ => null,
    };

    private static int? Number(string value)
        => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;
}
