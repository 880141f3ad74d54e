namespace ActorServer.Kestrel;

/// <summary>
/// What a transport without sockets can tell of a connection at the moment before it closes. It puts this among the connection's
/// features; where neither it nor a socket is, nobody looks.
/// </summary>
/// <remarks>Asked by the connection's actor, on any thread.</remarks>
public interface IUnreadInputFeature
{
    /// <summary>Bytes of the peer's have come that the server has not read: a request is arriving.</summary>
    bool HasUnread { get; }

    /// <summary>The peer has ended its side, or is lost.</summary>
    bool HasEnded { get; }
}
