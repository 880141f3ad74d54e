using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace ActorServer.Kestrel;

/// <summary>A filter on a listening TCP socket that lets no new handshake begin, while those under way end (Linux).</summary>
/// <remarks>
/// A classic BPF program: it drops segments with SYN and without ACK, and passes all others whole. A TCP socket's filter sees
/// a segment from its TCP header on, so the same program serves IPv4, IPv6 and both. It needs no privilege.
/// </remarks>
internal static class SynFilter
{
    private const int SocketLevel = 1;
    private const int AttachFilter = 26;
    private const int DetachFilter = 27;
    private const int Instruction = 8;

    // code, jump if true, jump if false, operand
    private static readonly (ushort Code, byte True, byte False, uint Operand)[] Program =
    [
        (0x30, 0, 0, 13), // load the byte at offset 13: the flags
        (0x54, 0, 0, 0x12), // keep SYN and ACK
        (0x15, 0, 1, 0x02), // SYN alone?
        (0x06, 0, 0, 0), // drop
        (0x06, 0, 0, 0xffffffff), // pass, whole: smaller values would trim
    ];

    /// <summary>Attaches the filter.</summary>
    /// <returns>False where there is no such filter: not Linux, or not allowed.</returns>
    public static bool TryAttach(Socket listening) => TryAttach(listening, Program);

    /// <summary>Takes the filter away, if there is one.</summary>
    public static void Detach(Socket listening)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            listening.SetRawSocketOption(SocketLevel, DetachFilter, stackalloc byte[sizeof(int)]);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressNotAvailable)
        {
            // So .NET calls "no such entry": there is none, as it could not be attached either.
        }
    }

    /// <summary>Attaches another program: tests let through what they like.</summary>
    /// <param name="listening">The socket.</param>
    /// <param name="program">Instructions of classic BPF.</param>
    public static bool TryAttach(Socket listening, ReadOnlySpan<(ushort Code, byte True, byte False, uint Operand)> program)
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        var code = Marshal.AllocHGlobal(program.Length * Instruction);
        try
        {
            for (var i = 0; i < program.Length; i++)
            {
                Marshal.WriteInt16(code, i * Instruction, (short)program[i].Code);
                Marshal.WriteByte(code, (i * Instruction) + 2, program[i].True);
                Marshal.WriteByte(code, (i * Instruction) + 3, program[i].False);
                Marshal.WriteInt32(code, (i * Instruction) + 4, unchecked((int)program[i].Operand));
            }

            // struct sock_fprog: the number of instructions, and after its padding a pointer to them.
            Span<byte> header = stackalloc byte[2 * IntPtr.Size];
            header.Clear();
            BinaryPrimitives.WriteUInt16LittleEndian(header, (ushort)program.Length);
            MemoryMarshal.Write(header[IntPtr.Size..], code);
            listening.SetRawSocketOption(SocketLevel, AttachFilter, header);
            return true;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return false;
        }
        finally
        {
            // The kernel has copied it.
            Marshal.FreeHGlobal(code);
        }
    }
}
