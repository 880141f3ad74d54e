using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Text;

namespace ActorServer.Core;

/// <summary>Text of plain lines, as UTF-8 bytes that nothing in a request can break out of.</summary>
internal static class LineText
{
    /// <summary>The longest address: IPv6 with a scope.</summary>
    public const int AddressLengthMax = 65;

    /// <summary>Writes an address; one of IPv4 that came mapped into IPv6 as what it is.</summary>
    /// <returns>The number of bytes.</returns>
    public static int Format(IPAddress address, Span<byte> text)
        => (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).TryFormat(text, out var written) ? written : 0;

    public static void Address(IBufferWriter<byte> output, IPAddress? address)
    {
        if (address is null)
        {
            output.Write("-"u8);
            return;
        }

        output.Advance(Format(address, output.GetSpan(AddressLengthMax)));
    }

    public static void Number(IBufferWriter<byte> output, long number)
    {
        Utf8Formatter.TryFormat(number, output.GetSpan(20), out var written);
        output.Advance(written);
    }

    public static void Time(IBufferWriter<byte> output, DateTimeOffset time, string format)
    {
        time.UtcDateTime.TryFormat(output.GetSpan(32), out var written, format, CultureInfo.InvariantCulture);
        output.Advance(written);
    }

    /// <summary>
    /// Writes a text, a dash for none. Visible ASCII stands for itself but for the characters to escape; those, and every other
    /// byte of the text's UTF-8, are written as two hexadecimal digits behind the mark.
    /// </summary>
    public static void Escaped(IBufferWriter<byte> output, ReadOnlySpan<char> text, ReadOnlySpan<byte> mark, ReadOnlySpan<char> escapes)
    {
        if (text.IsEmpty)
        {
            output.Write("-"u8);
            return;
        }

        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            // Half a surrogate pair is enumerated as U+FFFD.
            if (rune.Value is > ' ' and < 0x7f && !escapes.Contains((char)rune.Value))
            {
                output.GetSpan(1)[0] = (byte)rune.Value;
                output.Advance(1);
                continue;
            }

            foreach (var b in bytes[..rune.EncodeToUtf8(bytes)])
            {
                var span = output.GetSpan(mark.Length + 2);
                mark.CopyTo(span);
                Utf8Formatter.TryFormat(b, span[mark.Length..], out _, new StandardFormat('X', 2));
                output.Advance(mark.Length + 2);
            }
        }
    }
}
