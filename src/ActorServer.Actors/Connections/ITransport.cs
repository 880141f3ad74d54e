namespace ActorServer.Actors;

/// <summary>What a connection's actor can see of its socket and do to it. Only that actor calls the verbs.</summary>
/// <remarks>The verbs never throw, and are harmless when repeated or when the socket is gone. They block only as long as the
/// application's own callbacks on a requested close do, and then hold up this connection's actor alone.</remarks>
public interface ITransport
{
    /// <summary>The remote end; null where there is none to name.</summary>
    string? Peer { get; }

    /// <summary>The local end; null where there is none to name.</summary>
    string? Local { get; }

    /// <summary>HTTP/1.1, HTTP/2 …; null until the first request.</summary>
    string? Protocol { get; }

    /// <summary>The connection is encrypted.</summary>
    bool Tls { get; }

    /// <summary>Bytes handed to the socket so far.</summary>
    long BytesSent { get; }

    /// <summary>The peer's end has been seen, or its loss.</summary>
    bool PeerClosed { get; }

    /// <summary>What stays of it once it has closed: the facts above, and nothing that holds memory. Itself by default.</summary>
    ITransport Remains => this;

    /// <summary>Lets the next response announce the close, and the connection end after it.</summary>
    void Announce();

    /// <summary>Takes <see cref="Announce"/> back; what has been announced to the peer holds.</summary>
    void Withdraw();

    /// <summary>Closes a quiet connection so that its peer can tell.</summary>
    /// <returns>False when unread bytes are waiting: a request is arriving, and the connection stays open for it.</returns>
    bool TryRequestClose();

    /// <summary>Cuts the connection.</summary>
    /// <param name="reason">Why, for the application's exception and the log.</param>
    void Abort(string reason);
}
