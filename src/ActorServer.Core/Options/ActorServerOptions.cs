using System.Globalization;

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
    public string Node { get; set; } = DefaultNode(Environment.MachineName, Environment.ProcessId);

    /// <summary>How the node drains.</summary>
    public DrainOptions Drain { get; } = new();

    /// <summary>What the node bears.</summary>
    public LimitOptions Limits { get; } = new();

    /// <summary>The access log.</summary>
    public AccessLogOptions AccessLog { get; } = new();

    // A machine may be called what no node can: a container's name has up to 63 letters, others have spaces or umlauts.
    internal static string DefaultNode(string machine, int process)
    {
        var suffix = string.Create(CultureInfo.InvariantCulture, $"-{process}");
        var name = machine[..Math.Min(machine.Length, ActorServerSettings.NodeLengthMax - suffix.Length)];
        return string.Concat(name.Select(static c => ActorServerSettings.IsNodeLetter(c) ? c : '-')) + suffix;
    }
}
