using System.Net;
using ActorServer.Actors;

namespace ActorServer.Kestrel;

/// <summary>What stays of a connection that has closed. Its ends become text only when somebody asks.</summary>
internal sealed class ClosedTransport(EndPoint? remote, EndPoint? local, string? protocol, bool tls, long bytesSent, bool peerClosed) : ITransport
{
    public string? Peer => Text(remote);

    public string? Local => Text(local);

    public string? Protocol => protocol;

    public bool Tls => tls;

    public long BytesSent => bytesSent;

    public bool PeerClosed => peerClosed;

    /// <summary>An end as people write it: an IPv4 address that came through an IPv6 socket is one.</summary>
    public static string? Text(EndPoint? endpoint) => endpoint switch
    {
        IPEndPoint { Address.IsIPv4MappedToIPv6: true } mapped => new IPEndPoint(mapped.Address.MapToIPv4(), mapped.Port).ToString(),
        _ => endpoint?.ToString() is { Length: > 0 } text ? text : null,
    };

    public void Announce()
    {
    }

    public void Withdraw()
    {
    }

    public bool TryRequestClose() => true;

    public void Abort(string reason)
    {
    }
}
