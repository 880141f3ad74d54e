namespace ActorServer.Core;

/// <summary>How a line of the access log looks.</summary>
public enum AccessFormat
{
    /// <summary>A JSON object with every field.</summary>
    Json,

    /// <summary>The combined log format of Apache and nginx.</summary>
    Combined,

    /// <summary>The W3C extended log file format, with every field.</summary>
    W3C,
}
