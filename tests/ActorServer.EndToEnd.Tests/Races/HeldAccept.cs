using Microsoft.Extensions.Logging;

namespace ActorServer.EndToEnd.Tests.Races;

/// <summary>
/// Holds Kestrel's accept loop: it logs each connection by itself before it asks for the next one, and this log does not return.
/// Connections made meanwhile stay in the kernel's accept queue.
/// </summary>
internal sealed class HeldAccept : ILoggerProvider, ILogger
{
    private const string Category = "Microsoft.AspNetCore.Server.Kestrel.Connections";
    private const string ConnectionAccepted = "ConnectionAccepted";

    private readonly ManualResetEventSlim _released = new();
    private readonly TaskCompletionSource _holds = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The loop has accepted its first connection, and is held.</summary>
    public Task Holds => _holds.Task;

    public void Release() => _released.Set();

    public void AddTo(ILoggingBuilder logging) => logging.AddProvider(this).AddFilter<HeldAccept>(Category, LogLevel.Debug);

    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (eventId.Name == ConnectionAccepted)
        {
            _holds.TrySetResult();
            _released.Wait();
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
        => null;

    // Whatever happens, no server is left hanging.
    public void Dispose() => _released.Set();
}
