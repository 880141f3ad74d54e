namespace ActorServer.Core;

/// <summary>What has become of the access log's lines.</summary>
/// <param name="Written">Lines handed to the file or to the logger.</param>
/// <param name="Dropped">Lines lost, because the buffer was full or could not be written.</param>
public sealed record AccessLogCounts(long Written, long Dropped);
