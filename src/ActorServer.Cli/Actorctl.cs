using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace ActorServer.Cli;

/// <summary>One run: reads the command line, does what it says, and says how it went.</summary>
internal static class Actorctl
{
    /// <summary>Runs a command line.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="surroundings">What is around it.</param>
    /// <param name="cancellationToken">The operator has had enough; Ctrl+C counts without it.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> args, Surroundings surroundings, CancellationToken cancellationToken = default)
    {
        var parse = CommandTree.Create(surroundings).Parse(args);
        if (parse.Errors.Count > 0 && parse.Action is ParseErrorAction)
        {
            return Fail(surroundings, $"{Sentence(parse)} See: actorctl {Path(parse.CommandResult)}--help", ExitCode.Usage);
        }

        InvocationConfiguration configuration = new()
        {
            Output = surroundings.Out,
            Error = surroundings.Error,
            EnableDefaultExceptionHandler = false,
        };
        try
        {
            return await parse.InvokeAsync(configuration, cancellationToken);
        }
        catch (UsageException exception)
        {
            return Fail(surroundings, exception.Message, ExitCode.Usage);
        }
        catch (RefusedException exception)
        {
            return Fail(surroundings, exception.Message, ExitCode.Refused);
        }
        catch (OutputException exception)
        {
            // Nobody who reads no longer wants to be told so.
            return exception.IsUnread
                ? ExitCode.Unread
                : Fail(surroundings, $"The answer cannot be written: {exception.Message.TrimEnd('.')}.", ExitCode.Unwritten);
        }
        catch (OperationCanceledException)
        {
            // A drain that was asked for goes on: nobody has called it off.
            return Fail(surroundings, "Interrupted; what the node was told to do goes on.", ExitCode.Interrupted);
        }
    }

    private static int Fail(Surroundings surroundings, string sentence, int exitCode)
    {
        surroundings.Error.WriteLine($"actorctl: {sentence}");
        return exitCode;
    }

    private static string Sentence(ParseResult parse)
        => parse.CommandResult.Command is RootCommand root
            ? parse.UnmatchedTokens is [var token, ..]
                ? $"There is no verb \"{token}\"; there are {string.Join(", ", root.Subcommands.Select(static c => c.Name))}."
                : "What is to be done?"
            : parse.Errors[0].Message;

    private static string Path(CommandResult result) => result.Command is RootCommand ? "" : $"{result.Command.Name} ";
}
