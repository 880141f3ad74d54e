using System.Net;

namespace ActorServer.Admin;

/// <summary>What this room says. Ids are never reused; the next is 302.</summary>
internal sealed partial class Log(ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger("ActorServer.Admin");

    [LoggerMessage(300, LogLevel.Information, "Admin side listening on: {Address}", EventName = nameof(Listening))]
    public partial void Listening(Uri address);

    [LoggerMessage(301, LogLevel.Information, "{Method} {Path} by {Who} from {Address}:{Port}.", EventName = nameof(Change))]
    public partial void Change(string method, string path, string who, IPAddress? address, int port);
}
