using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace ActorServer.EndToEnd.Tests.Admin;

/// <summary>What an application has logged so far.</summary>
internal sealed class LogLines : ILoggerProvider
{
    private readonly ConcurrentQueue<(string Category, LogLevel Level, string Text)> _lines = new();

    /// <summary>Whoever has logged it, from this level on.</summary>
    public IEnumerable<string> From(LogLevel least) => _lines.Where(l => l.Level >= least).Select(l => l.Text);

    /// <summary>What ActorServer's rooms have logged.</summary>
    public IEnumerable<string> Own
        => _lines.Where(l => l.Category.StartsWith("ActorServer.", StringComparison.Ordinal)).Select(l => l.Text);

    /// <summary>What a category has logged.</summary>
    public IEnumerable<(LogLevel Level, string Text)> Of(string category)
        => _lines.Where(l => l.Category == category).Select(l => (l.Level, l.Text));

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Category(LogLines lines, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
            => lines._lines.Enqueue((name, logLevel, formatter(state, exception)));
    }
}
