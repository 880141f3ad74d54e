namespace ActorServer.Core;

/// <summary>The options of a node: the keys under <c>ActorServer</c>.</summary>
public sealed class ActorServerOptions
{
    /// <summary>The configuration section these options are read from.</summary>
    public const string Section = "ActorServer";

    /// <summary>
    /// The node's name, part of every connection's identity: 1 to 64 letters, digits, dots, dashes or underscores.
    /// Default: the machine's name and the process's number.
    /// </summary>
    public string Node { get; set; } = string.Create(
        System.Globalization.CultureInfo.InvariantCulture, $"{Environment.MachineName}-{Environment.ProcessId}");

    /// <summary>How the node drains.</summary>
    public DrainOptions Drain { get; } = new();
}
