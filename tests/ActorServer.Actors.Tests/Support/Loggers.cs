using Microsoft.Extensions.Logging;

namespace ActorServer.Actors.Tests;

/// <summary>Loggers that do one thing with every line.</summary>
internal sealed class Loggers(Action<EventId> onLine) : ILoggerFactory, ILogger
{
    public void AddProvider(ILoggerProvider provider)
    {
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
        => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        => onLine(eventId);

    public void Dispose()
    {
    }
}
