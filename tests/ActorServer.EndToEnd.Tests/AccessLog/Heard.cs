using Microsoft.Extensions.Logging;

namespace ActorServer.EndToEnd.Tests.AccessLog;

/// <summary>A logger that waits for a word.</summary>
internal sealed class Heard(string word) : ILoggerProvider, ILogger
{
    private readonly TaskCompletionSource<string> _heard = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The first line with the word in it.</summary>
    public Task<string> Line => _heard.Task.WaitAsync(TimeSpan.FromSeconds(30));

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var line = formatter(state, exception);
        if (line.Contains(word, StringComparison.Ordinal))
        {
            _heard.TrySetResult(line);
        }
    }

    public void Dispose()
    {
    }
}
