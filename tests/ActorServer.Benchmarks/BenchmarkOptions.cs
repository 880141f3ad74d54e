using System.Globalization;

namespace ActorServer.Benchmarks;

/// <summary>What is measured.</summary>
internal enum Command
{
    /// <summary>Many connections in memory.</summary>
    Scale,

    /// <summary>Many connections by sockets.</summary>
    Sockets,

    /// <summary>Closing many idle connections.</summary>
    IdleRace,

    /// <summary>One request.</summary>
    Requests,

    /// <summary>Requests while the log's target takes nothing.</summary>
    BlockedLog,

    /// <summary>One connection with one request.</summary>
    Churn,

    /// <summary>One idle connection's memory.</summary>
    Memory,

    /// <summary>A steady load for a long time.</summary>
    Soak,

    /// <summary>Another server beside it.</summary>
    Peers,

    /// <summary>All that has a budget.</summary>
    Table,

    /// <summary>The parts without a clock or a socket.</summary>
    Pure,
}

/// <summary>What was asked on the command line.</summary>
internal sealed record BenchmarkOptions(Command Command)
{
    public static string Usage { get; } = """
        Measures what ActorServer costs beside a bare Kestrel, in this process, in turns. Build it with -c Release.

          table          all that has a budget, some minutes for each run
          scale          1,000, 10,000 and 100,000 connections in memory: spawn, memory, list, status under load, drain
          sockets        the same with 1,000, 5,000 and 15,000 by sockets, the clients in a process of their own
          requests       CPU and allocation of a request: bare, tracked, with the access log to a file;
                         HTTP/1.1 and HTTP/2, over 1, 32 and 256 connections
          blocked-log    time of a request while the access log's target takes nothing
          churn          CPU of a connection that is opened, served once and closed
          memory         bytes retained for an idle connection
          idle-race      how long it takes to close idle connections
          peers          memory and end of idle connections, beside Go's net/http with a ConnState hook; needs go
          pure           the parts without a clock or a socket, by BenchmarkDotNet: time and allocation
          soak           a steady load: what is retained after each minute, and whether all is counted at the end

          --million          with scale: 1,000,000 connections too (16 GB of memory)
          --connections N    with scale, sockets and requests: only this many; with idle-race, memory and peers: how many (10000)
          --pairs N          how many pairs of runs (requests and churn 41, blocked-log 250, memory 3, idle-race 9, peers 5)
          --runs N           with table: how often (1); with --million of a million connections too
          --minutes N        with soak: how long (30)
          --output FOLDER    writes the table, and with scale the plot, into this folder too

        Figures say something only on a computer that does nothing else, and then as ratios.
        Exit code: 0; 1 when it cannot be measured here, or a count is wrong; 64 for a command line that is not understood.
        """;

    public int? Connections { get; init; }

    public int? Pairs { get; init; }

    public int? Runs { get; init; }

    public int? Minutes { get; init; }

    public bool Million { get; init; }

    public string? Output { get; init; }

    /// <summary>Reads a command line.</summary>
    /// <returns>Null when it is not understood.</returns>
    public static BenchmarkOptions? Parse(string[] arguments)
    {
        Queue<string> words = new(arguments);
        if (!words.TryDequeue(out var first) || CommandOf(first) is not { } command)
        {
            return null;
        }

        BenchmarkOptions? options = new(command);
        while (options is not null && words.TryDequeue(out var word))
        {
            options = word switch
            {
                "--million" when command is Command.Scale or Command.Table => options with { Million = true },
                _ when words.TryDequeue(out var value) => options.With(word, value),
                _ => null,
            };
        }

        return options;
    }

    private static Command? CommandOf(string word) => word switch
    {
        "scale" => Command.Scale,
        "sockets" => Command.Sockets,
        "idle-race" => Command.IdleRace,
        "requests" => Command.Requests,
        "blocked-log" => Command.BlockedLog,
        "churn" => Command.Churn,
        "memory" => Command.Memory,
        "soak" => Command.Soak,
        "peers" => Command.Peers,
        "pure" => Command.Pure,
        "table" => Command.Table,
        _ => null,
    };

    private BenchmarkOptions? With(string word, string value) => word switch
    {
        "--connections" when Number(value) is { } n => this with { Connections = n },
        "--pairs" when Number(value) is { } n => this with { Pairs = n },
        "--runs" when Command == Command.Table && Number(value) is { } n => this with { Runs = n },
        "--minutes" when Command == Command.Soak && Number(value) is { } n => this with { Minutes = n },
        "--output" => this with { Output = value },
        _ => null,
    };

    private static int? Number(string value)
        => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;
}
