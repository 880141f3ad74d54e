using Microsoft.Extensions.Logging;

namespace ActorServer.Cluster;

/// <summary>What this room says. Ids are never reused; the next is 401.</summary>
internal sealed partial class Log(ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger("ActorServer.Cluster");

    [LoggerMessage(400, LogLevel.Information, "Node {Node} is reached at {Address}", EventName = nameof(Reachable))]
    public partial void Reachable(string node, string address);
}
