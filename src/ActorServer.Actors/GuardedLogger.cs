using Microsoft.Extensions.Logging;

namespace ActorServer.Actors;

/// <summary>A logger that an actor can call: whatever a sink throws stays here.</summary>
internal sealed class GuardedLogger(ILogger inner) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
        => inner.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        try
        {
            inner.Log(logLevel, eventId, state, exception, formatter);
        }
#pragma warning disable CA1031 // A line is lost, and there is nowhere to say so: it must not cost a transition or a drain.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }
}
