using System.CommandLine;
using ActorServer.Core.Wire;

namespace ActorServer.Cli.Verbs;

/// <summary>What can be said of a drain, by <c>drain</c> and <c>leave</c>.</summary>
internal sealed class DrainOptionSet
{
    private readonly Option<string?> _budget = Common.Text(
        "--budget", "DURATION", "How long it may take until what is left is aborted, or infinite. [default: the node's]", recursive: false);

    private readonly Option<string?> _lameDuck = Common.Text(
        "--lame-duck", "DURATION", "How long to announce before the ports close. [default: the node's]", recursive: false);

    private readonly Option<string?> _spread = Common.Text(
        "--spread", "DURATION", "Over how long quiet connections close, or infinite. [default: the node's]", recursive: false);

    private readonly Option<string?> _reason = Reason();
    private readonly Option<bool> _wait = new("--wait") { Description = "Wait for the end, and show how it goes." };

    public IEnumerable<Option> All => [_wait, _budget, _lameDuck, _spread, _reason];

    public static Option<string?> Reason() => Common.Text("--reason", "TEXT", "Why, for the record.", recursive: false);

    public bool Wait(ParseResult parse) => parse.GetValue(_wait);

    /// <summary>The drain that the options ask for.</summary>
    /// <exception cref="UsageException">They ask for what cannot be.</exception>
    public Drain Read(ParseResult parse, string? on)
        => new(
            on, Common.ReadDuration(parse, _budget), Common.ReadDuration(parse, _lameDuck), Common.ReadDuration(parse, _spread),
            parse.GetValue(_reason), Extend: false, Common.By);
}
