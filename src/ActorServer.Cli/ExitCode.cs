using ActorServer.Core;

namespace ActorServer.Cli;

/// <summary>What scripts read.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>Done, but something was aborted.</summary>
    public const int Aborted = 1;

    /// <summary>The node cannot be reached, or refused.</summary>
    public const int Refused = 2;

    /// <summary>The command line is not one.</summary>
    public const int Usage = 64;

    /// <summary>What it has to say cannot be written.</summary>
    public const int Unwritten = 74;

    /// <summary>Interrupted while it waited, as shells say it.</summary>
    public const int Interrupted = 130;

    /// <summary>Nobody reads on, as behind "| head"; as shells say it.</summary>
    public const int Unread = 141;

    /// <summary>How a drain has ended.</summary>
    public static int Of(DrainReport end)
        => end.Phase == DrainPhase.Cancelled ? Refused : end.HasAborted ? Aborted : Done;
}

/// <summary>The command line, or the environment, holds something that cannot be.</summary>
/// <param name="message">A sentence for the operator.</param>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>The node cannot be reached, did not understand, or refused.</summary>
/// <param name="message">A sentence for the operator.</param>
internal sealed class RefusedException(string message) : Exception(message);
