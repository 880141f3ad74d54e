using System.Buffers;
using System.Text;
using ActorServer.Core;

namespace ActorServer.Kestrel;

/// <summary>Lines to the application's own log, an entry each: the line as its message, the fields as its properties.</summary>
internal sealed class LoggerSink(ILoggerFactory loggers, AccessFormatter formatter) : IAccessSink
{
    public const string Category = "ActorServer.AccessLog";

    private static readonly EventId Request = new(220, "Request");

    private readonly ILogger _logger = loggers.CreateLogger(Category);
    private readonly ArrayBufferWriter<byte> _line = new();

    public long Written { get; private set; }

    public void Open()
    {
        if (!formatter.Header.IsEmpty && _logger.IsEnabled(LogLevel.Information))
        {
            AccessLogText.Header(_logger, Encoding.UTF8.GetString(formatter.Header.Span).TrimEnd('\n'));
        }
    }

    public void Write(ReadOnlySpan<LoggedRequest> requests)
    {
        foreach (var request in requests)
        {
            var level = request.Entry.IsError ? LogLevel.Error : request.Entry.IsWarning ? LogLevel.Warning : LogLevel.Information;
            if (_logger.IsEnabled(level))
            {
                _line.ResetWrittenCount();
                formatter.Write(request.Entry, _line);
                _logger.Log(level, Request, new AccessLogState(request.Entry, _line.WrittenSpan), null, static (state, _) => state.ToString());
            }

            Written++;
        }
    }

    public void Dispose()
    {
        // The logger is the application's.
    }
}

/// <summary>What the logger's sink says that is no request.</summary>
internal static partial class AccessLogText
{
    [LoggerMessage(221, LogLevel.Information, "{Header}", EventName = nameof(Header))]
    public static partial void Header(ILogger logger, string header);
}
