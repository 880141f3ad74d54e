namespace ActorServer.Core;

/// <summary>What a connection is doing, as its peer would see it. The meaning is that of Go's <c>http.ConnState</c>.</summary>
public enum ConnectionState
{
    /// <summary>Accepted; no request has been read yet.</summary>
    New,

    /// <summary>At least one request is in flight, or one that the server refused is being answered.</summary>
    Active,

    /// <summary>Nothing is in flight; the connection waits for its next request.</summary>
    Idle,

    /// <summary>The connection has left HTTP for another protocol (Go: hijacked). It stays tracked until it is closed.</summary>
    Upgraded,

    /// <summary>The socket is gone. The last state of every connection.</summary>
    Closed,
}
