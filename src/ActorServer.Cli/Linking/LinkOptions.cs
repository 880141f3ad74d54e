using ActorServer.Cluster;

namespace ActorServer.Cli.Linking;

/// <summary>How a node is reached.</summary>
/// <param name="Address">The node.</param>
/// <param name="Identity">What the operator brings for TLS; null: there is none.</param>
/// <param name="Timeout">How long an answer, or the reason why there is none, may take.</param>
/// <param name="Time">The clock.</param>
internal sealed record LinkOptions(NodeAddress Address, PeerCertificates? Identity, TimeSpan Timeout, TimeProvider Time);
