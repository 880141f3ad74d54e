using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace ActorServer.Core;

/// <summary>Who counts as one peer: an IPv4 address, or the /64 of IPv6 that one customer usually has to himself.</summary>
/// <param name="IsV4">It is an IPv4 address.</param>
/// <param name="Bits">The address, or the upper half of it.</param>
public readonly record struct PeerKey(bool IsV4, ulong Bits)
{
    private const int AddressLength = 16;

    /// <summary>The peer at an address. An IPv4 address that IPv6 carries is that IPv4 address.</summary>
    /// <param name="address">The address.</param>
    public static PeerKey Of(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        Span<byte> bytes = stackalloc byte[AddressLength];
        address.TryWriteBytes(bytes, out _);
        return address.AddressFamily == AddressFamily.InterNetwork ? new(true, BinaryPrimitives.ReadUInt32BigEndian(bytes))
            : address.IsIPv4MappedToIPv6 ? new(true, BinaryPrimitives.ReadUInt32BigEndian(bytes[^4..]))
            : new(false, BinaryPrimitives.ReadUInt64BigEndian(bytes));
    }
}
