using Microsoft.Extensions.Logging;

namespace ActorServer.Actors.Tests.Steering;

/// <summary>Writes the lines of some events into a journal.</summary>
internal sealed class JournalLoggers(Journal journal, params string[] events) : ILoggerFactory, ILogger
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
    {
        if (events.Contains(eventId.Name))
        {
            journal.Write(formatter(state, exception));
        }
    }

    public void Dispose()
    {
    }
}
