using ActorServer.Core;
using Akka.Event;

namespace ActorServer.Actors;

/// <summary>Something has happened on the connection: look into its cell.</summary>
internal sealed class Look
{
    public static readonly Look Instance = new();

    private Look()
    {
    }
}

/// <summary>Go on where a crash, or a predecessor that was stopped, has left the connection.</summary>
internal sealed class GoOn
{
    public static readonly GoOn Instance = new();

    private GoOn()
    {
    }
}

/// <summary>The sender, the actor of a live connection, was stopped by somebody.</summary>
internal sealed record Orphaned(ConnectionCell Cell);

/// <summary>The connection has ended, in a drain: its actor is to end too.</summary>
internal sealed class Leave : IDeadLetterSuppression
{
    public static readonly Leave Instance = new();

    private Leave()
    {
    }
}

/// <summary>The node drains: announce the close.</summary>
internal sealed class Announce
{
    public static readonly Announce Instance = new();

    private Announce()
    {
    }
}

/// <summary>The drain was called off.</summary>
internal sealed class Withdraw
{
    public static readonly Withdraw Instance = new();

    private Withdraw()
    {
    }
}

/// <summary>Close once nothing is in flight.</summary>
/// <param name="NotBefore">The connection's turn (UTC).</param>
/// <param name="IdleGrace">How long it must have been idle.</param>
/// <param name="SilentGrace">How old it must be if it has not sent a request.</param>
internal sealed record CloseOrder(DateTimeOffset NotBefore, TimeSpan IdleGrace, TimeSpan SilentGrace)
{
    /// <summary>When a quiet connection may be closed.</summary>
    public DateTimeOffset Due(ConnectionState state, DateTimeOffset since)
    {
        var due = since + (state == ConnectionState.New ? SilentGrace : IdleGrace);
        return due > NotBefore ? due : NotBefore;
    }

    /// <summary>Both orders as one: a second one makes nothing later.</summary>
    public CloseOrder Join(CloseOrder? other) => other is null ? this : new(
        NotBefore < other.NotBefore ? NotBefore : other.NotBefore,
        IdleGrace < other.IdleGrace ? IdleGrace : other.IdleGrace,
        SilentGrace < other.SilentGrace ? SilentGrace : other.SilentGrace);
}

/// <summary>Cut the connection.</summary>
/// <param name="Reason">Who does it: one of the reasons that end in Aborted.</param>
internal sealed record AbortOrder(EndReason Reason);

/// <summary>A timer: the connection has reached its age, or the grace of that is over; or the limit is another one now.</summary>
internal sealed class AgeTick
{
    public static readonly AgeTick Instance = new();

    private AgeTick()
    {
    }
}

/// <summary>A timer: the grace of a quiet connection may be over.</summary>
internal sealed class QuietTick
{
    public static readonly QuietTick Instance = new();

    private QuietTick()
    {
    }
}
