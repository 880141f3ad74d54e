using System.CommandLine;
using ActorServer.Cli.Linking;
using ActorServer.Cli.Screens;
using ActorServer.Core;
using ActorServer.Core.Wire;

namespace ActorServer.Cli;

/// <summary>The options that every verb has, and what they come to.</summary>
internal sealed class Common
{
    private static readonly TimeSpan TimeoutMax = TimeSpan.FromHours(1);

    private readonly Surroundings _surroundings;
    private readonly Option<string?> _node = Text(
        "--node", "HOST:PORT", $"The node to ask, as it names itself: a host and port, or akka.tcp://… in full. [default: {NodeAddress.Default}]");

    private readonly Option<string?> _on = Text(
        "--on", "NAME", "The node that is meant, if not the one that is asked: any node of its cluster passes it on.");

    private readonly Option<string?> _timeout = Text(
        "--timeout", "DURATION", "How long to wait for an answer; --wait has no other bound than the drain's. [default: 5s]");

    private readonly Option<string?> _ca = Text("--ca", "FILE", "TLS: the authority that signed the nodes' certificates (PEM).");
    private readonly Option<string?> _cert = Text("--cert", "FILE", "TLS: the certificate to show (PEM).");
    private readonly Option<string?> _key = Text("--key", "FILE", "TLS: its private key (PEM).");
    private readonly Option<bool> _json = new("--json")
    {
        Description = "Print the JSON of the node's admin API, for scripts.",
        Recursive = true,
    };

    public Common(Surroundings surroundings) => _surroundings = surroundings;

    public IEnumerable<Option> All => [_node, _on, _timeout, _json, _ca, _cert, _key];

    public Surroundings Surroundings => _surroundings;

    /// <summary>Who asks, for the node's log.</summary>
    public static string By => $"{Environment.UserName}@{Environment.MachineName}";

    /// <summary>An option that takes a text.</summary>
    public static Option<string?> Text(string name, string value, string description, bool recursive = true)
        => new(name) { Description = description, HelpName = value, Recursive = recursive };

    /// <summary>A duration that an option holds; null when it is not given.</summary>
    public static Duration? ReadDuration(ParseResult parse, Option<string?> option) => ReadDuration(parse.GetValue(option), option.Name);

    /// <summary>The node that is meant, if it is another than the one asked.</summary>
    /// <exception cref="UsageException">No node is called so.</exception>
    public string? On(ParseResult parse)
        => parse.GetValue(_on) is { } name && (name.Length == 0 || WireRules.Problem(new GetStatus(name)) is not null)
            ? throw new UsageException(
                $"--on cannot be \"{Plain.Text(name)}\": it is 1 to {WireRules.TextLengthMax} characters, without control characters.")
            : parse.GetValue(_on);

    /// <summary>How the verb shows what it was told.</summary>
    public Screen Screen(ParseResult parse) => new(_surroundings, parse.GetValue(_json));

    /// <summary>Asks the node one thing.</summary>
    /// <exception cref="UsageException">An option, or what is asked, cannot be what it is.</exception>
    /// <exception cref="RefusedException">There is no answer, or it is a refusal.</exception>
    public async Task<T> AskAsync<T>(ParseResult parse, IWireRequest request, CancellationToken cancelled)
        where T : class, IWireAnswer
    {
        await using var link = await OpenAsync(parse, request, cancelled);
        return await link.AskAsync<T>(request, cancelled);
    }

    /// <summary>The way to the node.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="request">What it is to be asked: it is judged here, before anybody waits.</param>
    /// <param name="cancelled">The operator has had enough.</param>
    /// <exception cref="UsageException">An option, or what is asked, cannot be what it is.</exception>
    /// <exception cref="RefusedException">The node's name means nothing.</exception>
    public Task<NodeLink> OpenAsync(ParseResult parse, IWireRequest request, CancellationToken cancelled)
    {
        if (WireRules.Problem(request) is { } problem)
        {
            throw new UsageException(problem);
        }

        var text = Value(parse, _node) ?? NodeAddress.Default;
        var tls = TlsOptions.Load(Value(parse, _ca), Value(parse, _cert), Value(parse, _key));
        var address = NodeAddress.Parse(text, tls is not null);
        var timeout = ReadDuration(Value(parse, _timeout), "--timeout") ?? TimeSpan.FromSeconds(5);
        return !timeout.IsInfinite && timeout > TimeSpan.Zero && timeout <= TimeoutMax
            ? NodeLink.OpenAsync(new(address, tls, timeout.Value, _surroundings.Time), cancelled)
            : throw new UsageException($"--timeout cannot be \"{timeout}\": it is more than 0, and at most 1h.");
    }

    private static Duration? ReadDuration(string? text, string name)
        => text is null ? null
            : Duration.TryParse(text, out var duration) ? duration
            : throw new UsageException($"{name} cannot be \"{Plain.Text(text)}\": {Duration.Forms}.");

    private string? Value(ParseResult parse, Option<string?> option)
        => parse.GetValue(option) is { } given ? given
            : _surroundings.Variable($"ACTORCTL_{option.Name.TrimStart('-').ToUpperInvariant()}") is { Length: > 0 } set ? set
            : null;
}
