using ActorServer.Core;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Activity = System.Diagnostics.Activity;

namespace ActorServer.Kestrel;

/// <summary>How bytes of responses are counted: read from the server's own fields, or on their way.</summary>
internal sealed record AccessCounting(bool ReadsFields);

/// <summary>The access log: a line for each request that the application's Kestrel has read, or refused.</summary>
internal sealed class AccessLog : IAccessLog, IHostedLifecycleService, IDisposable
{
    private readonly AccessLogOptions _options;
    private readonly AccessWriter? _writer;

    public AccessLog(
        IOptions<ActorServerOptions> options, AccessCounting counting, IServiceProvider services, ILoggerFactory loggers,
        TimeProvider time, Log log)
    {
        _options = options.Value.AccessLog;
        ReadsFields = counting.ReadsFields;
        if (_options.Enabled)
        {
            _writer = new(services.GetService<IAccessSink>() ?? Sink(_options, loggers, time), _options.BufferMax, new(time, log));
        }
    }

    public bool IsEnabled => _writer is not null;

    public bool ReadsFields { get; }

    public string RequestIdHeader => _options.RequestIdHeader;

    public AccessLogCounts? Counts => _writer?.Counts;

    /// <summary>A request has been read.</summary>
    public void Start(TrackedConnection connection, IFeatureCollection features, bool callsBack)
        => LoggedRequest.Start(this, connection, features, callsBack);

    /// <summary>The end of a request that was started is to be told by a callback.</summary>
    public static void CallBack(IFeatureCollection features) => features.Get<LoggedRequest>()?.CallBack(features);

    /// <summary>The framework has made what it makes for a request, its activity among it.</summary>
    public static void Mark(IFeatureCollection features)
    {
        if (Activity.Current is { } activity && activity.Source.HasListeners())
        {
            features.Get<LoggedRequest>()?.Mark(activity);
        }
    }

    /// <summary>The server has refused something: a request, or the body of one that has its own line.</summary>
    public void Refused(TrackedConnection connection, IFeatureCollection features)
    {
        if (IsEnabled)
        {
            LoggedRequest.Refuse(this, connection, features);
        }
    }

    /// <summary>Whether the line of a request that is over will be taken; one that will not is counted as lost.</summary>
    public bool HasRoom() => _writer?.HasRoom() == true;

    /// <summary>A request is over.</summary>
    public void Add(LoggedRequest request) => _writer?.Add(request);

    /// <summary>Has everything written that is over by now.</summary>
    public Task FlushAsync() => _writer?.FlushAsync() ?? Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        try
        {
            _writer?.Start();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new IOException(
                $"ActorServer:AccessLog:Path cannot be \"{_options.Path}\", which cannot be written: {exception.Message}", exception);
        }

        return Task.CompletedTask;
    }

    // The last of all: by now the server and every other service have stopped.
    public Task StoppedAsync(CancellationToken cancellationToken) => _writer?.FlushAsync(cancellationToken) ?? Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _writer?.Dispose();

    private static IAccessSink Sink(AccessLogOptions options, ILoggerFactory loggers, TimeProvider time)
    {
        AccessFormatter formatter = new(options);
        return options.Path is { } path
            ? new FileSink(new(path, options.FileSizeMax, options.FilesMax, formatter.Header, time), formatter)
            : new LoggerSink(loggers, formatter);
    }
}
