using ActorServer.Core;

namespace ActorServer.Kestrel;

/// <summary>What has become of the access log's lines.</summary>
public interface IAccessLog
{
    /// <summary>The counts so far; null when there is no access log.</summary>
    AccessLogCounts? Counts { get; }
}
