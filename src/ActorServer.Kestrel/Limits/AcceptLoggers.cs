namespace ActorServer.Kestrel;

/// <summary>What the socket transport logs, overheard: accepts that fail are told nowhere else.</summary>
/// <remarks>
/// The transport tries again at once and for ever, which takes a whole processor while the process has no more file descriptors.
/// Its word of the failure, a debug message, is answered with an exception: its accept ends with that, is none the worse for it,
/// and can be called again after a while.
/// </remarks>
internal sealed class AcceptLoggers(ILoggerFactory inner) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => new Overheard(inner.CreateLogger(categoryName));

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    public void Dispose()
    {
        // The inner one is the application's.
    }

    private sealed class Overheard(ILogger inner) : ILogger
    {
        private const string Event = "ConnectionReset";
        private const string NoConnection = "(null)";

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => inner.BeginScope(state);

        // The transport asks before it says a word.
        public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Debug || inner.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Name == Event && state is IEnumerable<KeyValuePair<string, object?>> values
                && values.Any(static v => v.Value is NoConnection))
            {
                throw new AcceptFailedException();
            }

            if (inner.IsEnabled(logLevel))
            {
                inner.Log(logLevel, eventId, state, exception, formatter);
            }
        }
    }
}

/// <summary>The transport could not accept a connection. It can be asked again.</summary>
internal sealed class AcceptFailedException() : IOException("The transport could not accept a connection.");
