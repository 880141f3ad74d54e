namespace ActorServer.Cluster;

/// <summary>How a node speaks with others: the keys under <c>ActorServer:Cluster</c>.</summary>
public sealed class ClusterOptions
{
    /// <summary>
    /// The name or address other nodes reach this one by, and that it listens on. Default 127.0.0.1: nobody beyond this computer
    /// reaches it.
    /// </summary>
    public string Hostname { get; set; } = "127.0.0.1";

    /// <summary>The port of Akka's remoting. 0 to 65535; default 4053. 0 takes a free one.</summary>
    public int Port { get; set; } = 4053;

    /// <summary>
    /// Nodes to join the cluster by, each <c>host:port</c>. None, the default, makes a cluster of this node alone.
    /// </summary>
    public IList<string> SeedNodes { get; } = [];

    /// <summary>The roles of this node in the cluster. Default none.</summary>
    public IList<string> Roles { get; } = [];

    /// <summary>Who may speak with this node. Default nobody is asked.</summary>
    public ClusterTlsOptions Tls { get; } = new();

    /// <summary>Listen beyond loopback without TLS. Default false.</summary>
    public bool AllowInsecure { get; set; }
}

/// <summary>Mutual TLS: the keys under <c>ActorServer:Cluster:Tls</c>. All three, or none.</summary>
public sealed class ClusterTlsOptions
{
    /// <summary>The file of this node's certificate, PEM; certificates that lead to the authority's may follow it.</summary>
    public string? Certificate { get; set; }

    /// <summary>The file of the certificate's private key, PEM.</summary>
    public string? Key { get; set; }

    /// <summary>The file of the authority's certificate, PEM: whoever has one that it has signed may speak with this node.</summary>
    public string? Authority { get; set; }

    /// <summary>TLS is used.</summary>
    internal bool IsSet => Certificate is not null || Key is not null || Authority is not null;
}
